"""Templates that the sandbox would refuse, found without a running sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox import Finding, accepts

BUCKET = {"Type": "AWS::S3::Bucket"}


def only(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_name, "Properties": properties}}}


def machine(state: dict[str, Any], **properties: Any) -> dict[str, Any]:
    definition = {"StartAt": "A", "States": {"A": state}}
    return only("AWS::StepFunctions::StateMachine", RoleArn="r", Definition=definition, **properties)


def task(resource: Any, **parameters: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}


@pytest.mark.parametrize(
    "template",
    [
        machine(task({"Ref": "AWS::StackId"})),
        machine(
            task({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":states:::sqs:sendMessage"]]})
            | {"Parameters": {"QueueUrl": {"Ref": "AWS::StackName"}, "MessageBody.$": "$"}, "TimeoutSeconds": 5}
        ),
        only(
            "AWS::StepFunctions::StateMachine",
            RoleArn="r",
            DefinitionString=json.dumps({"StartAt": "A", "States": {"A": task("${function}")}}),
            DefinitionSubstitutions={"function": {"Ref": "AWS::StackId"}},
        ),
        only("AWS::StepFunctions::StateMachine", RoleArn="r", DefinitionString={"Ref": "AWS::StackId"}),
        only("AWS::StepFunctions::StateMachine", RoleArn="r", DefinitionS3Location={"Bucket": "b", "Key": "k"}),
        {"Resources": {"Bucket": BUCKET}, "Outputs": {"Name": {"Value": {"Ref": "Bucket"}}}},
        only("AWS::SNS::Topic", FifoTopic={"Ref": "AWS::NoValue"}),
        {"Resources": {"Bucket": BUCKET}, "Parameters": {"Days": {"Type": "Number", "Default": 3}}},
        {"Resources": {"Bucket": BUCKET}, "Parameters": {"Loud": {"Type": "String", "Default": True}}},
        only("AWS::SageMaker::ModelPackageGroup", ModelPackageGroupName="group"),
        only("AWS::Budgets::Budget", Budget={"BudgetType": "COST", "TimeUnit": "MONTHLY"}),
        only("Custom::Anything", ServiceToken="arn:aws:lambda:us-east-1:000000000000:function:f", Whatever=1),
    ],
)
def test_accepted_templates(template: dict[str, Any]) -> None:
    assert accepts(template) == []


@pytest.mark.parametrize(
    ("template", "place", "fault"),
    [
        ({}, "Resources", "is missing or no object"),
        ({"Resources": []}, "Resources", "is missing or no object"),
        ({"Resources": {}, "Transform": "AWS::Serverless-2016-10-31"}, "Transform", "is applied by a deploy only"),
        ({"Resources": {"Bucket": BUCKET}, "Colours": {}}, "Colours", "no section of a template has this name"),
        ({"Resources": {"It": None}}, "It", "must be an object, not null"),
        ({"Resources": {"It": {}}}, "It", "Type must be text, not null"),
        ({"Resources": {"It": {"Type": ["AWS::S3::Bucket"]}}}, "It", "Type must be text, not a list"),
        ({"Resources": {"It": BUCKET | {"Properties": []}}}, "It", "Properties must be an object, not a list"),
        (
            {"Resources": {"It": BUCKET | {"Properties": {"Ref": "AWS::NoValue"}}}},
            "It",
            "Properties must be an object of properties, not the function Ref",
        ),
        ({"Resources": {"It": BUCKET | {"Condition": {}}}}, "It", "Condition must be text, not an object"),
        ({"Resources": {"It": BUCKET | {"DeletionPolicy": 1}}}, "It", "DeletionPolicy must be text, not 1"),
        ({"Resources": {"It": BUCKET | {"DependsOn": {}}}}, "It", "DependsOn must be a logical id or a list of them"),
        ({"Resources": {"It": BUCKET | {"DependsOn": [["It"]]}}}, "It", "DependsOn must be a logical id or a list"),
        ({"Resources": {"It": BUCKET}, "Parameters": []}, "Parameters", "must be an object, not a list"),
        ({"Resources": {"It": BUCKET}, "Conditions": {"Never": "x"}}, "Conditions.Never", "must be an object, not 'x'"),
        ({"Resources": {"It": BUCKET}, "Outputs": {"Url": 1}}, "output Url", "must be an object, not 1"),
        ({"Resources": {"It": BUCKET}, "Outputs": {"Url": {}}}, "output Url", "Value is required"),
        (
            machine({"Type": "Pass", "Colour": "red", "End": True}),
            "It",
            "the definition: SCHEMA_VALIDATION_FAILED: Field 'Colour' is not supported at /States/A",
        ),
        (
            machine(task({"Fn::Sub": "arn:${AWS::Partition}:states:::glue:startJobRun.sync"}, JobName="j")),
            "It",
            "the definition: NOT_IMPLEMENTED: The sandbox does not implement the integration glue:startJobRun.sync",
        ),
        (
            only("AWS::StepFunctions::StateMachine", RoleArn="r", DefinitionString={"Fn::Join": ["", ["{", "}"]]}),
            "It",
            "the definition: SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /",
        ),
        (only("AWS::S3::Bucket", BucketName={"Ref": ["It"]}), "It", "Ref takes the name of a resource or parameter"),
        (only("AWS::S3::Bucket", BucketName={"Fn::GetAtt": "It"}), "It", "Fn::GetAtt takes a logical id and"),
        (only("AWS::S3::Bucket", BucketName={"Fn::GetAtt": ["It"]}), "It", "Fn::GetAtt takes a logical id and"),
        (only("AWS::S3::Bucket", BucketName={"Fn::If": ["Never", "a"]}), "It", "Fn::If takes a list of a condition's"),
        (only("AWS::S3::Bucket", BucketName={"Fn::Join": "a"}), "It", "Fn::Join takes a list of a delimiter"),
        (only("AWS::S3::Bucket", BucketName={"Fn::Select": 1}), "It", "Fn::Select takes a list of an index"),
        (only("AWS::S3::Bucket", BucketName={"Fn::Split": ["a"]}), "It", "Fn::Split takes a list of a delimiter"),
        (only("AWS::S3::Bucket", BucketName={"Fn::Sub": ["a", 1]}), "It", "Fn::Sub takes text, or a list of text"),
        (only("AWS::S3::Bucket", VersioningConfiguration="on"), "It", "VersioningConfiguration must be an object, not"),
        (only("AWS::S3::Buckt"), "It", "CloudFormation has no such resource type"),
        (
            only("AWS::S3::Bucket", AccessControl="Open"),
            "It",
            "AccessControl must be one of AuthenticatedRead, AwsExec",
        ),
        (only("AWS::Events::Rule", ScheduleExpression="every tuesday"), "It", "does not match ^(rate"),
        (only("AWS::SQS::Queue", DelaySeconds=901), "It", "DelaySeconds must be 900 or less, not 901"),
        (only("AWS::Lambda::Function", Role="r", Code={}), "It", "Properties.Role does not match ^arn:"),
        (only("AWS::Events::Rule", Description="x" * 513), "It", "Description must have 512 characters or fewer"),
        (only("AWS::SNS::Topic", Tags=[{"Key": "", "Value": ""}]), "It", "Tags[0].Key must have 1 characters or more"),
        (only("AWS::GameLift::Fleet", Name="x"), "It", "the sandbox does not implement this resource type"),
        (only("AWS::S3::Bucket", Colour="red"), "It", "Properties.Colour is unknown"),
        (only("AWS::SQS::Queue", QueueUrl="x"), "It", "Properties.QueueUrl is read only"),
        (only("AWS::Budgets::Budget"), "It", "Properties.Budget is required"),
        (
            only("AWS::Budgets::Budget", Budget={"BudgetType": "COST", "TimeUnit": "MONTHLY", "BillingViewArn": "x"}),
            "It",
            "the sandbox does not implement AWS::Budgets::Budget.Budget.BillingViewArn",
        ),
        (only("AWS::S3::Bucket", BucketName={"Ref": "Absent"}), "It", "it refers to Absent"),
        (
            {"Resources": {"Bucket": BUCKET}, "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Bucket", "Colour"]}}}},
            "output Url",
            "Fn::GetAtt asks for Bucket.Colour",
        ),
    ],
)
def test_refused_templates(template: dict[str, Any], place: str, fault: str) -> None:
    found = accepts(template)
    assert [finding for finding in found if finding.place == place and fault in finding.fault], found


def test_every_fault_is_found_and_reads_as_a_sentence() -> None:
    template = {"Resources": {"A": {"Type": "AWS::No::Type"}, "B": {"Type": "AWS::S3::Bucket", "Colour": "red"}}}
    assert accepts(template) == [
        Finding("A", "AWS::No::Type", "CloudFormation has no such resource type"),
        Finding("B", "AWS::S3::Bucket", "Colour is no attribute of a resource"),
    ]
    assert str(accepts(template)[0]) == "A (AWS::No::Type): CloudFormation has no such resource type"


def test_a_type_that_nobody_audited_is_refused() -> None:
    (found,) = accepts(only("AWS::EKS::Cluster", RoleArn="r", ResourcesVpcConfig={"SubnetIds": []}))
    assert found.fault.startswith("ministack has this resource type, but nobody audited which of its properties")


@pytest.mark.parametrize(
    ("attributes", "fault"),
    [
        ({"UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {}}}, "the sandbox does not follow UpdatePolicy.CodeDeploy"),
        ({"UpdatePolicy": {"AutoScalingRollingUpdate": {}}}, "the sandbox does not follow UpdatePolicy.AutoScaling"),
        ({"UpdatePolicy": {"Slowly": True}}, "UpdatePolicy.Slowly is unknown; there are AutoScalingReplacingUpdate"),
        ({"UpdatePolicy": "slowly"}, "UpdatePolicy.slowly is unknown"),
        ({"CreationPolicy": {"ResourceSignal": {"Count": 1}}}, "the sandbox does not follow CreationPolicy.Resource"),
        ({"DeletionPolicy": "Keep"}, "DeletionPolicy Keep is unknown; write Delete, Retain, RetainExceptOnCreate"),
        ({"DeletionPolicy": "Snapshot"}, "DeletionPolicy Snapshot: AWS takes no snapshot of this type"),
        ({"UpdateReplacePolicy": "RetainExceptOnCreate"}, "UpdateReplacePolicy RetainExceptOnCreate is unknown"),
    ],
)
def test_policies_that_nobody_follows_are_refused(attributes: dict[str, Any], fault: str) -> None:
    (found,) = accepts({"Resources": {"It": {"Type": "AWS::SQS::Queue", **attributes}}})
    assert found.fault.startswith(fault)


@pytest.mark.parametrize(
    "attributes",
    [
        {"UpdatePolicy": {}, "Metadata": {"any": ["thing"]}},
        {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"},
    ],
)
def test_policies_that_are_followed_pass(attributes: dict[str, Any]) -> None:
    assert accepts({"Resources": {"It": {"Type": "AWS::SQS::Queue", **attributes}}}) == []


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (json.dumps(only("AWS::S3::Bucket")), 0, "The sandbox accepts 1 template."),
        (json.dumps(only("AWS::S3::Buckt")), 1, "template.json: It (AWS::S3::Buckt): CloudFormation has no such"),
        ("Resources:\n", 2, "template.json cannot be read as a template: it is not JSON"),
        ("[]", 2, "it holds a list, expected an object with Resources"),
        ("null", 2, "it holds null, expected an object with Resources"),
        ('{"Resources": NaN}', 2, "NaN is no value of JSON"),
        ("[" * 100_000, 2, "it nests lists or objects too deeply"),
        ("\ufeff" + json.dumps(only("AWS::S3::Bucket")), 0, "The sandbox accepts 1 template."),
        ('{"Resources": {"It\\ud800": {"Type": "AWS::S3::Buckt"}}}', 1, "It\\ud800 (AWS::S3::Buckt)"),
        (None, 2, "No such file or directory"),
    ],
)
def test_the_command(tmp_path: Path, content: str | None, code: int, words: str) -> None:
    path = tmp_path / "template.json"
    if content is not None:
        path.write_text(content)
    command = [sys.executable, "-m", "sandbox", "accepts", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stderr
    assert words in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
