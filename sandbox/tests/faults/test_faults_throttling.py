"""The fault api-throttled: what boto3 clients and tasks of workflows see of it."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from fault_lab import Declared
from job_lab import Lab, ended_execution, trust, unique


def client(lab: Lab, service: str, attempts: int) -> Any:
    return boto3.client(
        service,
        endpoint_url=lab.s3.meta.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": attempts}),
    )


@pytest.fixture(scope="module")
def role(lab: Lab) -> str:
    return lab.make_role(trust("states.amazonaws.com"))


def run(lab: Lab, role: str, resource: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The ended execution of a workflow with one task."""
    states = lab.aws("stepfunctions")
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": arguments, "End": True, **more}
    definition = json.dumps({"StartAt": "Task", "States": {"Task": task}})
    machine = states.create_state_machine(name=unique("throttled"), definition=definition, roleArn=role)
    return ended_execution(states, states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"])


@pytest.mark.parametrize(
    ("service", "action", "code"),
    [("sagemaker", "list_models", "ThrottlingException"), ("cloudformation", "list_stacks", "Throttling")],
)
def test_a_client_sees_the_code_of_the_service_and_tries_again(
    lab: Lab, fault: Declared, service: str, action: str, code: str
) -> None:
    fault("api-throttled", service=service, times=3)
    with pytest.raises(ClientError) as raised:
        getattr(client(lab, service, 1), action)()
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["Error"]["Message"] == "Rate exceeded"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    getattr(client(lab, service, 3), action)()
    assert fault.all()[0]["times"] == 0


def test_only_the_named_action_of_the_named_role_is_throttled(lab: Lab, fault: Declared, role: str) -> None:
    fault("api-throttled", action="ListModels", role=role.rpartition("/")[2])
    client(lab, "sagemaker", 1).list_models()
    assert run(lab, role, "aws-sdk:sagemaker:listEndpoints", {})["status"] == "SUCCEEDED"
    assert run(lab, role, "aws-sdk:sagemaker:listModels", {})["status"] == "FAILED"


@pytest.mark.parametrize(
    ("task", "told"),
    [
        (
            ("aws-sdk:sagemaker:listModels", {}),
            "SageMaker.SageMakerException: Rate exceeded (Service: SageMaker, Status Code: 400, Request ID: ",
        ),
        (
            ("aws-sdk:cloudformation:describeStacks", {}),
            "CloudFormation.CloudFormationException: "
            "Rate exceeded (Service: CloudFormation, Status Code: 400, Request ID: ",
        ),
        (
            ("aws-sdk:s3:listObjectsV2", {"Bucket": "any"}),
            "S3.S3Exception: Please reduce your request rate. (Service: S3, Status Code: 503, Request ID: ",
        ),
        (
            (
                "sagemaker:createTrainingJob.sync",
                {"TrainingJobName": "any", "RoleArn": "any", "OutputDataConfig": {"S3OutputPath": "s3://any"}},
            ),
            "SageMaker.AmazonSageMakerException: "
            "Rate exceeded (Service: AmazonSageMaker; Status Code: 400; Error Code: ThrottlingException; Request ID: ",
        ),
    ],
)
def test_a_task_fails_at_the_first_attempt_under_the_general_name_of_its_service(
    lab: Lab, fault: Declared, role: str, task: tuple[str, dict], told: str
) -> None:
    fault("api-throttled", times=1)
    fault("s3-throttled", bucket="any", times=1)
    ended = run(lab, role, *task)
    assert ended["status"] == "FAILED"
    assert f"{ended['error']}: {ended['cause']}".startswith(told)


def test_a_retry_of_the_general_name_makes_the_job(lab: Lab, fault: Declared, role: str) -> None:
    fault("api-throttled", action="CreateTrainingJob", times=2)
    general = {"ErrorEquals": ["SageMaker.AmazonSageMakerException"], "IntervalSeconds": 1, "BackoffRate": 1}
    ended = run(lab, role, "sagemaker:createTrainingJob.sync", lab.training(""), Retry=[general])
    assert ended["status"] == "SUCCEEDED", ended
    assert fault.all()[0]["times"] == 0


def test_a_throttled_look_at_the_end_of_a_job_fails_the_task_and_not_the_job(
    lab: Lab, fault: Declared, role: str
) -> None:
    """AWS does not say what `.sync` does then; a workflow must not rely on it."""
    fault("api-throttled", action="DescribeTrainingJob", role=role.rpartition("/")[2])
    request = lab.training("")
    ended = run(lab, role, "sagemaker:createTrainingJob.sync", request)
    assert (ended["status"], ended["error"]) == ("FAILED", "SageMaker.AmazonSageMakerException")
    assert lab.trained(request["TrainingJobName"])["TrainingJobStatus"] == "Completed"


def test_a_stack_s_own_resources_are_not_throttled(lab: Lab, fault: Declared) -> None:
    group, stacks = unique("group"), lab.aws("cloudformation")
    resource = {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": group}}
    fault("api-throttled", service="sagemaker")
    stacks.create_stack(StackName=group, TemplateBody=json.dumps({"Resources": {"Group": resource}}))
    stacks.get_waiter("stack_create_complete").wait(StackName=group, WaiterConfig={"Delay": 1})


def test_unreadable_faults_are_told_and_not_retried(lab: Lab, fault: Declared) -> None:
    fault("api-throttled", servise="x")
    with pytest.raises(ClientError, match="there is no key 'servise'; allowed: times, service, action, role, rate"):
        client(lab, "sagemaker", 3).list_models()


def test_errors_are_named_by_the_service_in_pascal_case(lab: Lab) -> None:
    powerless = lab.make_role(trust("states.amazonaws.com"))
    lab.aws("iam").delete_role_policy(RoleName=powerless.rpartition("/")[2], PolicyName="all")
    ended = run(lab, powerless, "aws-sdk:resourcegroupstaggingapi:getResources", {})
    assert ended["error"] == "ResourceGroupsTaggingApi.ResourceGroupsTaggingApiException"
