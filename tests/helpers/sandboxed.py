"""Small stacks with the platform's names and outputs, for commands on real services."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from own_sandbox import OwnSandbox
from waiting import WAITER

from specs import names

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
PACKAGES = {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": GROUP}}
BUCKETS = ("DataBucketName", "ArtifactsBucketName")
STACKS: dict[str, dict[str, Any]] = {
    "foundation": {"Resources": {"Data": BUCKET}, "Outputs": {name: {"Value": {"Ref": "Data"}} for name in BUCKETS}},
    "digits-cnn-training": {
        "Resources": {"Role": ROLE, "Machine": MACHINE, "Packages": PACKAGES},
        "Outputs": {"StateMachineArn": {"Value": {"Ref": "Machine"}}},
    },
    "digits-cnn-release": {
        "Resources": {"Role": ROLE, "Machine": MACHINE},
        "Outputs": {"StateMachineArn": {"Value": {"Ref": "Machine"}}},
    },
    "old-model-serving": {"Resources": {"Role": ROLE}},
}


def deploy(sandbox: OwnSandbox) -> None:
    """Create the stacks."""
    cloudformation = sandbox.aws("cloudformation")
    for name, template in STACKS.items():
        cloudformation.create_stack(
            StackName=f"slipway-local-{name}", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
        )
    for name in STACKS:
        cloudformation.get_waiter("stack_create_complete").wait(StackName=f"slipway-local-{name}", WaiterConfig=WAITER)


def output(sandbox: OwnSandbox, stack: str, key: str) -> str:
    """An output of a stack."""
    (found,) = sandbox.aws("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in found["Outputs"]}[key]


def leave(sandbox: OwnSandbox, execution: str, path: str, content: bytes) -> None:
    """Put what an execution would have left into the artifacts bucket."""
    bucket = output(sandbox, "slipway-local-foundation", "ArtifactsBucketName")
    key = names.record("digits-cnn", hashlib.sha256(execution.encode()).hexdigest()[:16], path)
    sandbox.aws("s3").put_object(Bucket=bucket, Key=key, Body=content)


def register(sandbox: OwnSandbox) -> str:
    """A further version, which waits for approval; returns its ARN."""
    return sandbox.aws("sagemaker").create_model_package(
        ModelPackageGroupName=GROUP, ModelApprovalStatus="PendingManualApproval"
    )["ModelPackageArn"]
