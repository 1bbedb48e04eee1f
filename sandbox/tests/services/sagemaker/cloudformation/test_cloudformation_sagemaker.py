"""SageMaker's resources in stacks: created, replaced, rolled back and deleted by CloudFormation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from archives import export, pack
from botocore.exceptions import ClientError, WaiterError
from job_lab import unique
from serving_lab import IMAGE, ServingLab
from waiting import WAITER


@pytest.fixture(scope="module")
def lab(aws: Any, tmp_path_factory: pytest.TempPathFactory) -> ServingLab:
    return ServingLab(aws, pack(export(tmp_path_factory.mktemp("archive"))))


def template(lab: ServingLab, endpoint: str, uri: str, **extra: Any) -> str:
    """Group, model, configuration and endpoint; `extra` are further properties of the endpoint."""
    resources = {
        "Group": ("ModelPackageGroup", {"ModelPackageGroupName": endpoint}),
        "Model": (
            "Model",
            {
                "ExecutionRoleArn": lab.role,
                "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": uri},
                "Tags": [{"Key": "team", "Value": "digits"}],
            },
        ),
        "Config": (
            "EndpointConfig",
            {
                "ProductionVariants": [
                    {
                        "VariantName": "AllTraffic",
                        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                        "InitialInstanceCount": "1",
                        "InitialVariantWeight": 1,
                        "InstanceType": "ml.m5.large",
                    }
                ]
            },
        ),
        "Endpoint": (
            "Endpoint",
            {
                "EndpointName": endpoint,
                "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                "RetainAllVariantProperties": True,
            }
            | extra,
        ),
    }
    outputs = {
        "Config": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
        "Model": {"Fn::GetAtt": ["Model", "ModelName"]},
        "ModelRef": {"Ref": "Model"},
        "EndpointRef": {"Ref": "Endpoint"},
        "EndpointName": {"Fn::GetAtt": ["Endpoint", "EndpointName"]},
        "GroupRef": {"Ref": "Group"},
    }
    return json.dumps(
        {
            "Resources": {
                name: {"Type": f"AWS::SageMaker::{kind}", "Properties": properties}
                for name, (kind, properties) in resources.items()
            },
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
    )


class Stack:
    """One stack of the template."""

    def __init__(self, lab: ServingLab) -> None:
        self.lab, self.name, self.endpoint = lab, unique("stack"), unique("Served")
        self.cloudformation = lab.aws("cloudformation")

    def create(self, **extra: Any) -> dict[str, str]:
        body = template(self.lab, self.endpoint, self.lab.archive_uri, **extra)
        self.cloudformation.create_stack(StackName=self.name, TemplateBody=body)
        return self.outputs("stack_create_complete")

    def update(self, uri: str, **extra: Any) -> dict[str, str]:
        body = template(self.lab, self.endpoint, uri, **extra)
        self.cloudformation.update_stack(StackName=self.name, TemplateBody=body)
        return self.outputs("stack_update_complete")

    def delete(self) -> None:
        self.cloudformation.delete_stack(StackName=self.name)
        self.cloudformation.get_waiter("stack_delete_complete").wait(StackName=self.name, WaiterConfig=WAITER)

    def outputs(self, waiter: str) -> dict[str, str]:
        self.cloudformation.get_waiter(waiter).wait(StackName=self.name, WaiterConfig=WAITER)
        (found,) = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}

    def status(self) -> str:
        return self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"]

    def reasons(self) -> str:
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)


@pytest.fixture
def stack(lab: ServingLab) -> Iterator[Stack]:
    created = Stack(lab)
    yield created
    created.delete()


def test_life_of_a_stack(lab: ServingLab) -> None:
    stack = Stack(lab)
    first = stack.create()
    arn = "arn:aws:sagemaker:us-east-1:000000000000"
    assert first["EndpointRef"] == f"{arn}:endpoint/{stack.endpoint.lower()}"
    assert first["EndpointName"] == stack.endpoint
    assert first["ModelRef"] == f"{arn}:model/{first['Model']}"
    assert first["GroupRef"] == f"{arn}:model-package-group/{stack.endpoint}"
    assert first["Model"].startswith(f"{stack.name}-Model-")
    tags = {tag["Key"]: tag["Value"] for tag in lab.sagemaker.list_tags(ResourceArn=first["ModelRef"])["Tags"]}
    assert tags["team"] == "digits"
    assert tags["aws:cloudformation:stack-name"] == stack.name
    assert lab.invoke(stack.endpoint, {"instances": [[1, 2]]}) == {"predictions": [[2.0, 4.0]]}

    copy = lab.put("models/second.tar.gz", lab.get("models/model.tar.gz"))
    second = stack.update(copy)
    assert second["Model"] != first["Model"]
    assert second["Config"] != first["Config"]
    assert second["EndpointRef"] == first["EndpointRef"]
    assert lab.settled(stack.endpoint)["EndpointConfigName"] == second["Config"]
    with pytest.raises(ClientError, match="Could not find model"):
        lab.sagemaker.describe_model(ModelName=first["Model"])

    broken = lab.put("models/broken.tar.gz", b"no archive")
    with pytest.raises(WaiterError):
        stack.update(broken)
    assert stack.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert "Failed to extract model data archive" in stack.reasons()
    assert lab.settled(stack.endpoint)["EndpointConfigName"] == second["Config"]
    assert lab.invoke(stack.endpoint, {"instances": [[1, 2]]}) == {"predictions": [[2.0, 4.0]]}

    stack.delete()
    for describe, name in (
        (lambda name: lab.sagemaker.describe_endpoint(EndpointName=name), stack.endpoint),
        (lambda name: lab.sagemaker.describe_endpoint_config(EndpointConfigName=name), second["Config"]),
        (lambda name: lab.sagemaker.describe_model(ModelName=name), second["Model"]),
        (lambda name: lab.sagemaker.describe_model_package_group(ModelPackageGroupName=name), stack.endpoint),
    ):
        with pytest.raises(ClientError, match=r"Could not find|does not exist"):
            describe(name)


def test_endpoint_that_fails_rolls_the_stack_back_and_leaves_nothing(lab: ServingLab, stack: Stack) -> None:
    lab.archive_uri, good = lab.put("models/broken.tar.gz", b"no archive"), lab.archive_uri
    try:
        with pytest.raises(WaiterError):
            stack.create()
    finally:
        lab.archive_uri = good
    assert stack.status() == "ROLLBACK_COMPLETE"
    assert "Failed to extract model data archive" in stack.reasons()
    with pytest.raises(ClientError, match="Could not find endpoint"):
        lab.sagemaker.describe_endpoint(EndpointName=stack.endpoint)


def test_property_that_is_refused(lab: ServingLab) -> None:
    properties = {"ModelPackageGroupName": unique("group"), "ModelPackageGroupPolicy": {}}
    body = {"Resources": {"Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": properties}}}
    with pytest.raises(ClientError, match=r"does not implement AWS::SageMaker::ModelPackageGroup\.ModelPackageGroupP"):
        lab.aws("cloudformation").create_stack(StackName=unique("stack"), TemplateBody=json.dumps(body))


def test_deployment_that_is_refused(lab: ServingLab) -> None:
    stack = Stack(lab)
    batch = {"Type": "CAPACITY_PERCENT", "Value": 50}
    policy = {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 60}}
    with pytest.raises(ClientError, match=r"implement AWS::SageMaker::Endpoint\.DeploymentConfig\.RollingUpdatePolicy"):
        stack.create(DeploymentConfig=policy)


def test_endpoint_without_its_configuration(stack: Stack) -> None:
    with pytest.raises(WaiterError):
        stack.create(EndpointConfigName="absent")
    assert "Could not find endpoint configuration" in stack.reasons()
