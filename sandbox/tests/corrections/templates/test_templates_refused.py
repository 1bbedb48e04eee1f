"""Templates refused before any change, with a sentence on error and place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import unique
from template_lab import Template, resource, template
from waiting import WAITER

TOPIC = "AWS::SNS::Topic"
QUEUE = "AWS::SQS::Queue"


def _topic(**properties: Any) -> Template:
    return template(Topic=resource(TOPIC, **properties))


def _output(value: Any) -> Template:
    return _topic() | {"Outputs": {"Answer": {"Value": value}}}


REFUSED = [
    (template(Thing=resource("AWS::Sns::Topic")), "Thing (AWS::Sns::Topic): CloudFormation has no such resource type"),
    (
        template(Zone=resource("AWS::Route53::HealthCheck", HealthCheckConfig={"Type": "HTTP"})),
        "Zone (AWS::Route53::HealthCheck): the sandbox does not implement this resource type",
    ),
    (
        _topic() | {"Parameters": {"Size": 1}},
        "be deployed:\n  Parameters.Size: must be an object, not 1",
    ),
    (template(Topic={"Type": [TOPIC]}), "Topic: Type must be text, not a list"),
    (_topic(Colour="red"), "Topic (AWS::SNS::Topic): Properties.Colour is unknown; the type has ArchivePolicy, "),
    (_topic(Tags=[{"Key": "a", "Worth": "b"}]), "Properties.Tags[0].Worth is unknown; the type has Key, Value"),
    (_topic(Tags={"Key": "a"}), "Properties.Tags must be a list, not an object"),
    (_topic(Tags="a"), "Properties.Tags must be a list, not 'a'"),
    (_topic(TopicArn="arn"), "Properties.TopicArn is read only"),
    (template(Map=resource("AWS::S3::BucketPolicy", Bucket="b")), "Properties.PolicyDocument is required"),
    (
        _topic(FifoTopic=True),
        "the sandbox does not implement AWS::SNS::Topic.FifoTopic; it honours DisplayName, KmsMasterKeyId",
    ),
    (
        template(Bucket=resource("AWS::S3::Bucket", VersioningConfiguration={"MfaDelete": "Enabled"})),
        "Properties.VersioningConfiguration.MfaDelete is unknown; the type has Status",
    ),
    (
        template(Rule=resource("AWS::Events::Rule", Targets=[{"Id": "a", "Arn": "b", "EcsParameters": {}}])),
        "does not implement AWS::Events::Rule.Targets.EcsParameters; it honours Targets.Arn, Targets.DeadLetter",
    ),
    (_topic(DisplayName={"Fn::If": ["Never", "a", "b"]}), "the condition Never is not declared"),
    (_topic(DisplayName={"Fn::Upper": "a"}), "Topic (AWS::SNS::Topic): Fn::Upper is no function; there are Fn::And, "),
    (_topic(DisplayName={"Ref": "Nobody"}), "refers to Nobody, which is neither a resource nor a parameter"),
    (_topic(DisplayName={"Fn::Sub": "${Nobody.Arn}"}), "Fn::GetAtt names Nobody, which is no resource"),
    (_topic() | {"Colours": {}}, "Colours: no section of a template has this name"),
    (template(Topic={"Type": TOPIC, "Colour": 1}), "Topic (AWS::SNS::Topic): Colour is no attribute of a resource"),
    (template(Topic={"Type": TOPIC, "DependsOn": "Nobody"}), "DependsOn names Nobody, which is no resource"),
    (template(Topic={"Type": TOPIC, "Condition": "Never"}), "the condition Never is not declared"),
    (
        _output({"Fn::GetAtt": ["Topic", "Colour"]}),
        "output Answer: Fn::GetAtt asks for Topic.Colour; AWS::SNS::Topic has TopicArn, TopicName",
    ),
    (
        template(Topic=resource(TOPIC), Queue=resource(QUEUE, QueueName={"Fn::GetAtt": "Topic.Id"})),
        "Queue (AWS::SQS::Queue): Fn::GetAtt asks for Topic.Id; AWS::SNS::Topic has TopicArn",
    ),
    (
        template(Group=resource("AWS::SageMaker::ModelPackageGroup", ModelPackageGroupName="g", Colour="red")),
        "Group (AWS::SageMaker::ModelPackageGroup): Properties.Colour is unknown",
    ),
]


@pytest.mark.parametrize(("body", "said"), REFUSED)
def test_refused_when_the_change_set_is_created(aws: Callable[[str], Any], body: Template, said: str) -> None:
    cloudformation, name = aws("cloudformation"), unique("refused")
    with pytest.raises(ClientError) as refused:
        cloudformation.create_change_set(
            StackName=name, ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=json.dumps(body)
        )
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert said in refused.value.response["Error"]["Message"]
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName=name)


@pytest.mark.parametrize("operation", ["create_stack", "update_stack", "validate_template"])
def test_refused_by_every_operation(aws: Callable[[str], Any], operation: str) -> None:
    cloudformation, name = aws("cloudformation"), unique("refused")
    named = {} if operation == "validate_template" else {"StackName": name}
    if operation == "update_stack":
        cloudformation.create_stack(TemplateBody=json.dumps(_topic()), **named)
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=WAITER)
    with pytest.raises(ClientError, match=r"Properties\.Colour is unknown"):
        getattr(cloudformation, operation)(TemplateBody=json.dumps(_topic(Colour="red")), **named)


def test_all_faults_at_once(aws: Callable[[str], Any]) -> None:
    body = template(One=resource(TOPIC, Colour=1), Two=resource("AWS::No::Thing"), Three=resource(QUEUE, Size=1))
    with pytest.raises(ClientError) as refused:
        aws("cloudformation").validate_template(TemplateBody=json.dumps(body))
    lines = refused.value.response["Error"]["Message"].splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["One", "Two", "Three"]


def test_what_the_sandbox_lacks_may_stand_under_a_false_condition(aws: Callable[[str], Any]) -> None:
    lacking = {"Type": TOPIC, "Condition": "Never", "Properties": {"FifoTopic": True}}
    body = template(Topic=resource(TOPIC), Other=lacking) | {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}
    aws("cloudformation").validate_template(TemplateBody=json.dumps(body))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ([{"ParameterKey": "Colour", "ParameterValue": "red"}], r"Parameters: \[Colour\] do not exist in the template"),
        ([], r"Parameters: \[Size\] must have values"),
    ],
)
def test_parameters_that_do_not_fit(aws: Callable[[str], Any], parameters: list[dict[str, str]], said: str) -> None:
    body = _topic() | {"Parameters": {"Size": {"Type": "String"}}}
    if parameters:
        parameters = [*parameters, {"ParameterKey": "Size", "ParameterValue": "1"}]
    with pytest.raises(ClientError, match=said):
        aws("cloudformation").create_stack(
            StackName=unique("refused"), TemplateBody=json.dumps(body), Parameters=parameters
        )
