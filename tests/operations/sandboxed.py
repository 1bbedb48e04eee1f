"""A sandbox with small stacks of the platform's names and outputs, so that commands meet real services at once."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from outcome import ROOT

GROUP = "slipway-local-digits-cnn"
WORKFLOW = {
    "StartAt": "Fails?",
    "States": {
        "Fails?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.hyperparameters.epochs", "IsPresent": True, "Next": "Gate"},
                {"Variable": "$.hyperparameters.seed", "IsPresent": True, "Next": "Train for long"},
            ],
            "Default": "Train",
        },
        "Train": {"Type": "Wait", "Seconds": 2, "Next": "Register"},
        "Train for long": {"Type": "Wait", "Seconds": 600, "Next": "Register"},
        "Register": {"Type": "Pass", "End": True},
        "Gate": {"Type": "Fail", "Error": "BelowThreshold", "Cause": "accuracy 0.91 is 0.08 below 0.99"},
    },
}
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
    },
}
MACHINE = {
    "Type": "AWS::StepFunctions::StateMachine",
    "Properties": {"DefinitionString": json.dumps(WORKFLOW), "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
}
BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}}
BUCKETS = ("DataBucketName", "ArtifactsBucketName")
STACKS: dict[str, dict[str, Any]] = {
    "foundation": {"Resources": {"Data": BUCKET}, "Outputs": {name: {"Value": {"Ref": "Data"}} for name in BUCKETS}},
    "digits-cnn-training": {
        "Resources": {"Role": ROLE, "Machine": MACHINE},
        "Outputs": {"StateMachineArn": {"Value": {"Ref": "Machine"}}},
    },
    "digits-cnn-release": {
        "Resources": {"Role": ROLE, "Machine": MACHINE},
        "Outputs": {"StateMachineArn": {"Value": {"Ref": "Machine"}}},
    },
    "old-model-serving": {"Resources": {"Role": ROLE}},
}


@contextmanager
def running(home: Path) -> Iterator[dict[str, str]]:
    """The AWS settings of a sandbox that runs inside the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    variables = {**kept, "SANDBOX_HOME": str(home), "SANDBOX_PORT": port}
    command = [sys.executable, "-m", "sandbox"]
    subprocess.run([*command, "up"], env=variables, cwd=ROOT, check=True)
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
    finally:
        subprocess.run([*command, "down"], env=variables, cwd=ROOT, check=True)


def client(settings: dict[str, str], service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def deploy(settings: dict[str, str]) -> None:
    """Create the stacks and the model package group."""
    cloudformation = client(settings, "cloudformation")
    for name, template in STACKS.items():
        cloudformation.create_stack(
            StackName=f"slipway-local-{name}", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
        )
    for name in STACKS:
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=f"slipway-local-{name}", WaiterConfig={"Delay": 1}
        )
    client(settings, "sagemaker").create_model_package_group(ModelPackageGroupName=GROUP)


def output(settings: dict[str, str], stack: str, key: str) -> str:
    """An output of a stack."""
    (found,) = client(settings, "cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in found["Outputs"]}[key]


def leave(settings: dict[str, str], execution: str, path: str, content: bytes) -> None:
    """Put what an execution would have left into the artifacts bucket."""
    bucket = output(settings, "slipway-local-foundation", "ArtifactsBucketName")
    key = f"digits-cnn/{hashlib.sha256(execution.encode()).hexdigest()[:16]}/{path}"
    client(settings, "s3").put_object(Bucket=bucket, Key=key, Body=content)


def register(settings: dict[str, str]) -> str:
    """A further version, which waits for approval; returns its ARN."""
    return client(settings, "sagemaker").create_model_package(
        ModelPackageGroupName=GROUP, ModelApprovalStatus="PendingManualApproval"
    )["ModelPackageArn"]
