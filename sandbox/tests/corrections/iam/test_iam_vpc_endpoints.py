"""The S3 calls of jobs in a VPC: the policy of its gateway endpoint limits them."""

from __future__ import annotations

from typing import Any

import pytest
from iam_lab import allow
from job_lab import Lab, output, unique
from stack_lab import Stack

HERE = "import os, pathlib; base = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"
CALLS_S3 = HERE + (
    "import boto3\n"
    "s3 = boto3.client('s3')\n"
    "try:\n"
    "    s3.get_bucket_versioning(Bucket='BUCKET')\n"
    "except Exception as error:\n"
    "    print(error)\n"
    "print(boto3.client('sts').get_caller_identity()['Account'])\n"
)
NO_DELETION = allow("s3:GetObject", "s3:PutObject", "s3:ListBucket")


def vpc(*statements: dict[str, Any]) -> dict[str, Any]:
    """A template of an isolated VPC. Without statements its S3 endpoint has AWS's default policy."""
    of_vpc = {"VpcId": {"Ref": "Vpc"}}
    policy = {"Version": "2012-10-17", "Statement": [{**each, "Principal": "*"} for each in statements]}
    endpoint = {
        **of_vpc,
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "VpcEndpointType": "Gateway",
        "RouteTableIds": [{"Ref": "Routes"}],
        **({"PolicyDocument": policy} if statements else {}),
    }
    routed = {"RouteTableId": {"Ref": "Routes"}, "SubnetId": {"Ref": "Subnet"}}
    resources = {
        "Vpc": ("VPC", {"CidrBlock": "10.9.0.0/16"}),
        "Subnet": ("Subnet", {**of_vpc, "CidrBlock": "10.9.0.0/24", "AvailabilityZone": "us-east-1a"}),
        "Routes": ("RouteTable", of_vpc),
        "Routed": ("SubnetRouteTableAssociation", routed),
        "Group": ("SecurityGroup", {**of_vpc, "GroupDescription": "jobs"}),
        "S3": ("VPCEndpoint", endpoint),
    }
    return {
        "Resources": {
            name: {"Type": f"AWS::EC2::{kind}", "Properties": properties}
            for name, (kind, properties) in resources.items()
        },
        "Outputs": {"Subnet": {"Value": {"Ref": "Subnet"}}, "Group": {"Value": {"Ref": "Group"}}},
    }


def vpc_config(aws: Any, *statements: dict[str, Any]) -> dict[str, list[str]]:
    stack = Stack(aws)
    assert stack.created(vpc(*statements)) == "CREATE_COMPLETE"
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.describe()["Outputs"]}
    return {"Subnets": [outputs["Subnet"]], "SecurityGroupIds": [outputs["Group"]]}


@pytest.mark.parametrize(
    ("statements", "deleted"),
    [
        ([], True),
        ([NO_DELETION], False),
        ([NO_DELETION, allow("s3:DeleteObject", on="arn:aws:s3:::*/checkpoints/*")], True),
        ([NO_DELETION, allow("s3:DeleteObject", on="arn:aws:s3:::*/elsewhere/*")], False),
    ],
    ids=["default policy", "no deletion", "deletion below the prefix", "deletion below another prefix"],
)
def test_checkpoints_are_deleted_only_if_the_endpoint_allows(
    lab: Lab, aws: Any, statements: list[dict[str, Any]], deleted: bool
) -> None:
    prefix = f"{unique('model')}/checkpoints"
    lab.put(f"{prefix}/old", "1")
    job = lab.train(
        HERE + "(base / 'checkpoints' / 'old').unlink()",
        CheckpointConfig={"S3Uri": lab.uri(prefix)},
        VpcConfig=vpc_config(aws, *statements),
    )
    assert (job["TrainingJobStatus"], lab.keys(prefix)) == (
        ("Completed", []) if deleted else ("Failed", [f"{prefix}/old"])
    )
    refused = "because no VPC endpoint policy allows the s3:DeleteObject action"
    assert (refused in job.get("FailureReason", "")) is not deleted


def test_an_endpoint_that_lets_no_results_through_fails_a_processing_job(lab: Lab, aws: Any) -> None:
    place = lab.uri(unique("results"))
    job = lab.process(
        HERE + "(base / 'processing/output/a/one').write_text('1')",
        NetworkConfig={"VpcConfig": vpc_config(aws, allow("s3:GetObject", "s3:ListBucket"))},
        ProcessingOutputConfig={"Outputs": [output("a", place, "/opt/ml/processing/output/a")]},
    )
    assert job["ProcessingJobStatus"] == "Failed"


def test_calls_of_other_services_do_not_pass_the_s3_endpoint(lab: Lab, aws: Any) -> None:
    job = lab.train(CALLS_S3.replace("BUCKET", lab.bucket), VpcConfig=vpc_config(aws, NO_DELETION))
    lines = lab.log("/aws/sagemaker/TrainingJobs", job["TrainingJobName"])
    assert (job["TrainingJobStatus"], lines[-1]) == ("Completed", "000000000000")
    assert "because no VPC endpoint policy allows the s3:GetBucketVersioning action" in lines[0]
