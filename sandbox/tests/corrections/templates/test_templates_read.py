"""Templates as CloudFormation reads them: YAML 1.1, booleans and numbers as text, and what is refused at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import unique
from sandbox.corrections.templates.anatomy import anatomy_faults
from sandbox.corrections.templates.order import order_faults
from sandbox.corrections.templates.reading import read
from template_lab import Stack

TOPIC = {"Type": "AWS::SNS::Topic"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Resources: {A: {Type: T}}", {"Resources": {"A": {"Type": "T"}}}),
        ("  Resources:\n    A:\n      Type: T\n", {"Resources": {"A": {"Type": "T"}}}),
        ('\n\n{ "Resources": {} }\n', {"Resources": {}}),
        (
            "AWSTemplateFormatVersion: 2010-09-09\nResources: {}",
            {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}},
        ),
        (
            "Metadata: {A: on, B: yes, C: 'on', D: 010, E: 012345678901}",
            {"Metadata": {"A": True, "B": True, "C": "on", "D": 8, "E": "012345678901"}},
        ),
        (
            "Parameters: {P: {Default: true, AllowedValues: [true, no, 1, 1.5, x]}}",
            {"Parameters": {"P": {"Default": "true", "AllowedValues": ["true", "false", "1", "1.5", "x"]}}},
        ),
        (
            "Conditions: {C: !Equals [!Ref P, true], D: {'Fn::Equals': [1, !Ref P]}}",
            {"Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "true"]}, "D": {"Fn::Equals": ["1", {"Ref": "P"}]}}},
        ),
        (
            "Metadata: {A: !GetAtt B.C.D, B: !Sub 'x${Y}'}",
            {"Metadata": {"A": {"Fn::GetAtt": ["B", "C.D"]}, "B": {"Fn::Sub": "x${Y}"}}},
        ),
    ],
)
def test_read(text: str, wanted: dict[str, Any]) -> None:
    assert read(text) == wanted


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "unsupported structure."),
        ("just text", "unsupported structure."),
        ('{"Resources": {}', "JSON not well-formed. (line 1, column 17)"),
        ("Resources: [", "YAML not well-formed. (line 1, column 13)"),
        ("Resources: {A: {}, A: {}}", "duplicate key A (line 1): each name may be given once"),
        ('{"Resources": {"A": {}, "A": {}}}', "duplicate key A: each name may be given once"),
        (
            "Mappings: {M: {123456789012: {A: b}}}",
            "[/Mappings/M] map keys must be strings; received numeric [123456789012] instead",
        ),
        ("Parameters: {on: {Type: String}}", "[/Parameters] map keys must be strings; received boolean [true] instead"),
        ("Resources: {A: &a {Type: T}, B: *a}", "YAML aliases are not allowed in CloudFormation templates"),
        (
            "Resources: {A: {Properties: {B: ~}}}",
            "[/Resources/A/Properties/B] 'null' values are not allowed in templates",
        ),
        ("Resources: {A: {Properties: {!Sub 'x': 1}}}", "map keys must be strings (line 1, column 30)"),
        ("Resources: !Unknown x", "could not determine a constructor for the tag '!Unknown'"),
    ],
)
def test_refused_text(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read(text)


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ({}, "Resources: At least one Resources member must be defined."),
        ({"Resources": {}}, "Resources: At least one Resources member must be defined."),
        (
            {"AWSTemplateFormatVersion": "2010-09-10"},
            "AWSTemplateFormatVersion: unsupported value; the only version is",
        ),
        (
            {"Colours": {}},
            "Colours: no section of a template has this name; Invalid template property or properties [Colours]",
        ),
        ({"Description": ["a"]}, "Description: Every Description member must be a string."),
        ({"Resources": {"my-topic": TOPIC}}, "Resources.my-topic: Resource name my-topic is non alphanumeric."),
        ({"Parameters": {"a_b": {"Type": "String"}}}, "Parameters.a_b: Parameter name a_b is non alphanumeric."),
        ({"Outputs": {"a-b": {"Value": "1"}}}, "Outputs.a-b: Output name a-b is non alphanumeric."),
        ({"Parameters": {"P": {}}}, "Parameters.P: Every Parameters object must contain a Type member."),
        ({"Parameters": {"P": {"Type": "Text"}}}, "Parameters.P: Unrecognized parameter type: Text"),
        (
            {"Parameters": {"P": {"Type": "String", "Colour": 1}}},
            "Parameters.P: Invalid template parameter property 'Colour'",
        ),
        (
            {"Parameters": {"P": {"Type": "CommaDelimitedList", "Default": ["a"]}}},
            "Parameters.P: Every Default member must be a string.",
        ),
    ],
)
def test_refused_anatomy(template: dict[str, Any], sentence: str) -> None:
    assert any(str(fault).startswith(sentence) for fault in anatomy_faults(template))


@pytest.mark.parametrize(
    "type_name",
    [
        "String",
        "Number",
        "List<Number>",
        "CommaDelimitedList",
        "AWS::EC2::VPC::Id",
        "List<AWS::EC2::Subnet::Id>",
        "AWS::SSM::Parameter::Name",
        "AWS::SSM::Parameter::Value<String>",
        "AWS::SSM::Parameter::Value<List<String>>",
        "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        "AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>",
    ],
)
def test_parameter_types(type_name: str) -> None:
    assert anatomy_faults({"Resources": {"A": TOPIC}, "Parameters": {"P": {"Type": type_name}}}) == []


def depending(*names: str, **more: Any) -> dict[str, Any]:
    return {**TOPIC, "DependsOn": list(names), **more}


def referring(name: str) -> dict[str, Any]:
    return {**TOPIC, "Properties": {"DisplayName": {"Ref": name}}}


UNLESS = {"Fn::If": ["Never", {"Ref": "Off"}, "none"]}


@pytest.mark.parametrize(
    ("template", "sentences"),
    [
        (
            {"Resources": {"A": depending("B"), "B": referring("A")}},
            ["Resources: Circular dependency between resources: [A, B]"],
        ),
        ({"Resources": {"A": referring("A")}}, ["Resources: Circular dependency between resources: [A]"]),
        ({"Resources": {"A": depending("B"), "B": TOPIC}}, []),
        (
            {"Resources": {"Off": depending(Condition="Never"), "A": referring("Off")}},
            [
                "A: Unresolved resource dependencies [Off] in the Resources block of the template: the condition is "
                "false"
            ],
        ),
        ({"Resources": {"Off": depending(Condition="Never"), "A": depending("Off")}}, []),
        (
            {"Resources": {"Off": depending(Condition="Never"), "A": {**TOPIC, "Properties": {"DisplayName": UNLESS}}}},
            [],
        ),
        (
            {"Resources": {"Off": depending(Condition="Never")}, "Outputs": {"O": {"Value": {"Ref": "Off"}}}},
            [
                "output O: Unresolved resource dependencies [Off] in the Outputs block of the template: the condition "
                "is false"
            ],
        ),
        (
            {
                "Resources": {"Off": depending(Condition="Never")},
                "Outputs": {"O": {"Value": {"Ref": "Off"}, "Condition": "Never"}},
            },
            [],
        ),
        ({"Resources": {"Off": depending(Condition="Never")}, "Outputs": {"O": {"Value": UNLESS}}}, []),
    ],
)
def test_order(template: dict[str, Any], sentences: list[str]) -> None:
    assert [str(fault) for fault in order_faults(template, {"Never": False})] == sentences


BOOLEANS = """
  Parameters:
    Flag:
      Type: String
      Default: true
      AllowedValues: [true, false]
    Count: {Type: Number, Default: 1}
  Conditions:
    IsOn: !Equals [!Ref Flag, true]
    IsOne: !Equals [!Ref Count, 1]
    IsLiteral: !Equals [true, "true"]
  Mappings: {Of: {"true": {Word: yes}, "false": {Word: no}}}
  Rules:
    Known: {Assertions: [{Assert: {Fn::Contains: [[true, false], !Ref Flag]}}]}
  Resources:
    Always: {Type: AWS::SNS::Topic}
    WhenOn: {Type: AWS::SNS::Topic, Condition: IsOn}
    WhenOne: {Type: AWS::SNS::Topic, Condition: IsOne}
    WhenLiteral: {Type: AWS::SNS::Topic, Condition: IsLiteral}
    Words:
      Type: AWS::SSM::Parameter
      Properties: {Type: String, Value: !Join [" ", [true, 1, !FindInMap [Of, !Ref Flag, Word]]]}
"""


def test_booleans_and_numbers_are_compared_as_text(aws: Callable[[str], Any]) -> None:
    formation, name = aws("cloudformation"), unique("booleans")
    formation.create_stack(StackName=name, TemplateBody=BOOLEANS)
    formation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    stack = Stack(aws, name)
    assert all(stack.physical_id(name) for name in ("WhenOn", "WhenOne", "WhenLiteral"))
    assert aws("ssm").get_parameter(Name=stack.physical_id("Words"))["Parameter"]["Value"] == "true 1 true"
    off = [{"ParameterKey": "Flag", "ParameterValue": "false"}]
    formation.update_stack(StackName=name, TemplateBody=BOOLEANS, Parameters=off)
    formation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    left = formation.describe_stack_resources(StackName=name)["StackResources"]
    assert {each["LogicalResourceId"] for each in left} == {"Always", "WhenOne", "WhenLiteral", "Words"}
    assert aws("ssm").get_parameter(Name=stack.physical_id("Words"))["Parameter"]["Value"] == "true 1 false"


@pytest.mark.parametrize("operation", ["validate_template", "create_stack"])
@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("Parameters: {on: {Type: String}}\nResources: {A: {Type: AWS::SNS::Topic}}", "map keys must be strings"),
        (json.dumps({"Resources": {"A": depending("A")}}), "Circular dependency between resources: [A]"),
        (json.dumps({"Parameters": {}}), "At least one Resources member must be defined."),
    ],
)
def test_refused_by_the_api(aws: Callable[[str], Any], operation: str, template: str, sentence: str) -> None:
    named = {"StackName": unique("refused")} if operation == "create_stack" else {}
    with pytest.raises(ClientError) as refused:
        getattr(aws("cloudformation"), operation)(TemplateBody=template, **named)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert refused.value.response["Error"]["Message"].startswith("Template format error: ")
    assert sentence in refused.value.response["Error"]["Message"]
