"""Models and endpoint configurations: what is kept, and what is refused in which words."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from iam_lab import refusal
from job_lab import DIGEST, TRUST, trust, unique
from sandbox.machines.model_server import settings
from serving_lab import IMAGE, ServingLab, variant

BY_DIGEST = f"{IMAGE.partition(':')[0]}@{DIGEST}"
UNTRUSTING = trust("ec2.amazonaws.com")


@pytest.fixture(scope="module")
def lab(aws: Any) -> ServingLab:
    buffer = io.BytesIO()
    tarfile.open(fileobj=buffer, mode="w:gz").close()
    return ServingLab(aws, buffer.getvalue())


def package(lab: ServingLab, status: str, **container: Any) -> str:
    group = unique("group")
    lab.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    return lab.sagemaker.create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus=status,
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": lab.archive_uri, **container}],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]


def test_model_is_described_listed_and_deleted(lab: ServingLab) -> None:
    name = lab.model(Tags=[{"Key": "team", "Value": "digits"}])
    found = lab.sagemaker.describe_model(ModelName=name)
    assert found["PrimaryContainer"] == {"Image": IMAGE, "ModelDataUrl": lab.archive_uri}
    assert found["ModelArn"] == f"arn:aws:sagemaker:us-east-1:000000000000:model/{name}"
    assert lab.sagemaker.list_tags(ResourceArn=found["ModelArn"])["Tags"] == [{"Key": "team", "Value": "digits"}]
    assert [model["ModelName"] for model in lab.sagemaker.list_models(NameContains=name)["Models"]] == [name]
    lab.sagemaker.delete_model(ModelName=name)
    with pytest.raises(ClientError, match=f'Could not find model "{found["ModelArn"]}"'):
        lab.sagemaker.describe_model(ModelName=name)


def test_model_of_an_approved_package(lab: ServingLab) -> None:
    arn = package(lab, "Approved")
    name = lab.model(PrimaryContainer={"ModelPackageName": arn})
    assert lab.sagemaker.describe_model(ModelName=name)["PrimaryContainer"] == {"ModelPackageName": arn}


def test_model_of_an_image_by_digest(lab: ServingLab) -> None:
    container = {"Image": BY_DIGEST, "ModelDataUrl": lab.archive_uri}
    name = lab.model(PrimaryContainer=container)
    assert lab.sagemaker.describe_model(ModelName=name)["PrimaryContainer"] == container


@pytest.mark.parametrize("status", ["PendingManualApproval", "Rejected"])
def test_model_of_a_package_that_is_not_approved(lab: ServingLab, status: str) -> None:
    with pytest.raises(ClientError, match=f"its ModelApprovalStatus is {status}, expected Approved") as raised:
        lab.model(PrimaryContainer={"ModelPackageName": package(lab, status)})
    assert raised.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"PrimaryContainer": {"Image": IMAGE}}, "has no ModelDataUrl"),
        ({"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://absent-bucket/x"}}, "Could not access model data"),
        ({"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "https://x.org/a"}}, "is not an S3 location"),
        ({"PrimaryContainer": {"Image": "my/own:1", "ModelDataUrl": "s3://b/k"}}, "runs no container images"),
        ({"PrimaryContainer": {"Image": f"{BY_DIGEST}0", "ModelDataUrl": "s3://b/k"}}, "a digest is sha256: and 64"),
        ({"PrimaryContainer": {"ModelPackageName": "absent/1"}}, "does not exist"),
        ({"PrimaryContainer": {"ModelPackageName": "a/1", "Image": IMAGE}}, "not both"),
        ({"Containers": [{"Image": IMAGE}]}, "does not implement CreateModel.Containers"),
        ({"VpcConfig": {"Subnets": ["subnet-absent"], "SecurityGroupIds": ["sg-absent"]}}, "subnet-absent"),
    ],
)
def test_model_that_is_refused(lab: ServingLab, members: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError) as raised:
        lab.model(**members)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert said in raised.value.response["Error"]["Message"]


@pytest.mark.parametrize("given", ["the model", "its package"])
def test_settings_that_the_model_server_has_not_are_refused_all_at_once(lab: ServingLab, given: str) -> None:
    settings = {"SAGEMAKER_GUNICORN_WORKERS": "2", "SAGEMAKER_TFS_ENABLE_BATCHING": "true", "COLOUR": "red"}
    container = {"Image": IMAGE, "ModelDataUrl": lab.archive_uri, "Environment": settings}
    if given == "its package":
        container = {"ModelPackageName": package(lab, "Approved", Environment=settings)}
    with pytest.raises(ClientError) as raised:
        lab.model(PrimaryContainer=container)
    assert raised.value.response["Error"]["Message"] == (
        "the container's Environment cannot be honoured: SAGEMAKER_GUNICORN_WORKERS=2 is not implemented by the "
        "sandbox's model server: leave it out, or write 1; SAGEMAKER_TFS_ENABLE_BATCHING=true is not implemented by "
        "the sandbox's model server: leave it out, or write false"
    )


def test_settings_that_the_model_server_has_and_the_archive_s_own_are_kept(lab: ServingLab) -> None:
    environment = {
        **dict.fromkeys(settings.HONOURED | settings.WITHOUT_EFFECT.keys(), "1"),
        **settings.ONLY,
        "SAGEMAKER_PROGRAM": "inference.py",
        "COLOUR": "red",
    }
    name = lab.model(PrimaryContainer={"Image": IMAGE, "ModelDataUrl": lab.archive_uri, "Environment": environment})
    assert lab.sagemaker.describe_model(ModelName=name)["PrimaryContainer"]["Environment"] == environment


def test_model_needs_an_execution_role(lab: ServingLab) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": lab.archive_uri}
    with pytest.raises(ClientError, match="give ExecutionRoleArn"):
        lab.sagemaker.create_model(ModelName=unique("model"), PrimaryContainer=container)


@pytest.mark.parametrize(("trust", "policy"), [(UNTRUSTING, "s3:*"), (TRUST, "logs:*")])
def test_role_that_may_not_read_the_archive(lab: ServingLab, trust: dict[str, Any], policy: str) -> None:
    iam, name = lab.aws("iam"), unique("role")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    statement = {"Effect": "Allow", "Action": policy, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    with pytest.raises(ClientError) as raised:
        lab.model(ExecutionRoleArn=role)
    assert raised.value.response["Error"]["Message"] == (
        f'Could not access model data at {lab.archive_uri}. Please ensure that the role "{role}" exists and that its '
        'trust relationship policy allows the action "sts:AssumeRole" for the service principal '
        '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is '
        "located in us-east-1."
    )


def test_names_are_taken_once(lab: ServingLab) -> None:
    model = lab.model()
    config = lab.config(model)
    with pytest.raises(ClientError, match="Cannot create already existing model"):
        lab.model(ModelName=model)
    with pytest.raises(ClientError, match="Cannot create already existing endpoint configuration"):
        lab.sagemaker.create_endpoint_config(EndpointConfigName=config.upper(), ProductionVariants=[variant(model)])


def test_configuration_is_described_listed_and_deleted(lab: ServingLab) -> None:
    name = lab.config(lab.model(), InitialVariantWeight=0.5)
    found = lab.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert found["ProductionVariants"][0]["InitialVariantWeight"] == 0.5
    assert found["EndpointConfigArn"].endswith(f":endpoint-config/{name.lower()}")
    listed = lab.sagemaker.list_endpoint_configs(NameContains=name)["EndpointConfigs"]
    assert [config["EndpointConfigName"] for config in listed] == [name]
    lab.sagemaker.delete_endpoint_config(EndpointConfigName=name)
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        lab.sagemaker.describe_endpoint_config(EndpointConfigName=name)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"InitialInstanceCount": None}, "without InitialInstanceCount"),
        ({"InstanceType": None}, "without InstanceType"),
        ({"InstanceType": "ml.huge"}, "enum value set"),
        ({"ModelName": "absent"}, "Could not find model"),
        ({"ServerlessConfig": {"MaxConcurrency": 1, "MemorySizeInMB": 1024}}, "ProductionVariants.ServerlessConfig"),
    ],
)
def test_variant_that_is_refused(lab: ServingLab, members: dict[str, Any], said: str) -> None:
    whole = {"ModelName": lab.model()} | members
    wanted = {name: value for name, value in variant(whole.pop("ModelName"), **whole).items() if value is not None}
    with pytest.raises(ClientError) as raised:
        lab.sagemaker.create_endpoint_config(EndpointConfigName=unique("config"), ProductionVariants=[wanted])
    assert said in raised.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("AsyncInferenceConfig", {"OutputConfig": {"S3OutputPath": "s3://b/k"}}),
        (
            "DataCaptureConfig",
            {
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": "s3://b/k",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            },
        ),
        ("ExecutionRoleArn", "arn:aws:iam::000000000000:role/x"),
    ],
)
def test_configuration_that_is_refused_by_name(lab: ServingLab, member: str, value: Any) -> None:
    with pytest.raises(ClientError, match=f"does not implement CreateEndpointConfig.{member}"):
        lab.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant(lab.model())], **{member: value}
        )


def test_configuration_with_one_name_twice_or_an_unknown_key(lab: ServingLab) -> None:
    model, create = lab.model(), lab.sagemaker.create_endpoint_config
    with pytest.raises(ClientError, match="Duplicate variant names are not allowed: AllTraffic"):
        create(EndpointConfigName=unique("config"), ProductionVariants=[variant(model), variant(model)])
    with pytest.raises(ClientError, match="KMS key 'alias/absent' cannot be used"):
        create(EndpointConfigName=unique("config"), ProductionVariants=[variant(model)], KmsKeyId="alias/absent")


def test_shortages_on_request(lab: ServingLab, fault: Any) -> None:
    fault("quota", instance_type="ml.m5.xlarge", usage="endpoint")
    fault("capacity", instance_type="ml.m5.2xlarge", times=1)
    with pytest.raises(ClientError, match=r"'ml\.m5\.xlarge for endpoint usage' is 0 Instances") as raised:
        lab.endpoint(lab.config(lab.model(), InstanceType="ml.m5.xlarge"))
    assert raised.value.response["Error"]["Code"] == "ResourceLimitExceeded"
    name = lab.endpoint(lab.config(lab.model(), InstanceType="ml.m5.2xlarge"))
    assert "InsufficientInstanceCapacity" in lab.settled(name)["FailureReason"]
    lab.sagemaker.delete_endpoint(EndpointName=name)


QUOTA = (
    "The account-level service limit 'Number of instances across all endpoints' is 32 Instances, with current "
    "utilization of {} Instances and a request delta of {} Instances."
)


def test_instances_of_endpoints_have_a_quota(lab: ServingLab) -> None:
    many = lab.config(lab.model(), InitialInstanceCount=33)
    code, message = refusal(lab.sagemaker.create_endpoint, EndpointName=unique("e"), EndpointConfigName=many)
    assert (code, message.startswith(QUOTA.format(0, 33))) == ("ResourceLimitExceeded", True)


def test_instances_count_until_their_endpoint_is_gone(lab: ServingLab) -> None:
    """The archive is empty, so that the endpoint fails, and gives its instances back."""
    endpoint = lab.endpoint(lab.config(lab.model()))
    most = lab.config(lab.model(), InitialInstanceCount=32)
    code, message = refusal(lab.sagemaker.create_endpoint, EndpointName=unique("e"), EndpointConfigName=most)
    assert (code, message.startswith(QUOTA.format(1, 32))) == ("ResourceLimitExceeded", True)
    assert lab.settled(endpoint)["EndpointStatus"] == "Failed"
    again = lab.config(lab.model(), InitialInstanceCount=33)
    _, message = refusal(lab.sagemaker.create_endpoint, EndpointName=unique("e"), EndpointConfigName=again)
    assert message.startswith(QUOTA.format(0, 33))
    lab.sagemaker.delete_endpoint(EndpointName=endpoint)
