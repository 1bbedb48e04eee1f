"""Change sets, and the changes that follow."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from template_lab import Stack, Template, resource, template

QUEUE, TOPIC, ALARM = "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::CloudWatch::Alarm"
UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"


def body(**changed: Any) -> Template:
    """A queue of a size, a topic under a condition, and one output."""
    parts: Template = {
        "Parameters": {"Size": {"Type": "Number", "Default": 60}, "Loud": {"Type": "String", "Default": "no"}},
        "Conditions": {"IsLoud": {"Fn::Equals": [{"Ref": "Loud"}, "yes"]}},
        "Resources": {
            "Queue": resource(QUEUE, VisibilityTimeout={"Ref": "Size"}),
            "Topic": {**resource(TOPIC), "Condition": "IsLoud"},
        },
        "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
    }
    return parts | changed


def changes(change_set: Template) -> dict[str, Template]:
    return {item["ResourceChange"]["LogicalResourceId"]: item["ResourceChange"] for item in change_set["Changes"]}


def test_resources_under_a_false_condition_are_not_listed(stack: Stack) -> None:
    change_set = stack.change_set(body())
    quiet = changes(change_set)
    assert quiet.keys() == {"Queue"}
    assert json.loads(quiet["Queue"]["AfterContext"]) == {"Properties": {"VisibilityTimeout": "60"}}
    assert "BeforeContext" not in quiet["Queue"]
    stack.execute(change_set)
    assert {name: item["Action"] for name, item in changes(stack.change_set(body(), Loud="yes")).items()} == {
        "Topic": "Add"
    }
    stack.deploy(body(), Loud="yes")
    removed = changes(stack.change_set(body(), Loud="no"))["Topic"]
    assert (removed["Action"], removed["PolicyAction"]) == ("Remove", "Delete")
    assert removed["PhysicalResourceId"] == stack.physical_id("Topic")


UNCHANGED = {
    "the same": {},
    "metadata": {"Metadata": {"Colour": "red"}},
    "description": {"Description": "A queue."},
    "a condition without effect": {
        "Conditions": {"IsLoud": {"Fn::Equals": [{"Ref": "Loud"}, "yes"]}, "Other": {"Fn::Equals": ["a", "b"]}}
    },
    "an output under a false condition": {
        "Outputs": {"Url": {"Value": {"Ref": "Queue"}}, "More": {"Value": "x", "Condition": "IsLoud"}}
    },
}
OUTPUTS = {
    "value": {"Url": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}},
    "attribute": {"Url": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}},
    "more": {"Url": {"Value": {"Ref": "Queue"}}, "More": {"Value": "x"}},
    "export": {"Url": {"Value": {"Ref": "Queue"}, "Export": {"Name": {"Ref": "AWS::StackName"}}}},
    "gone": {},
}


def test_what_is_no_change_and_what_is(stack: Stack) -> None:
    stack.deploy(body())
    for what, changed in UNCHANGED.items():
        found = stack.change_set(body(**changed))
        assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE"), what
        assert found["StatusReason"].startswith("The submitted information didn't contain changes."), what
        with pytest.raises(ClientError, match=r"No updates are to be performed\."):
            stack.deploy(body(**changed))
    for what, outputs in OUTPUTS.items():
        found = stack.change_set(body(Outputs=outputs))
        assert (found["Status"], found["Changes"]) == ("CREATE_COMPLETE", []), what
    assert stack.execute(found) == {}
    assert stack.execute(stack.change_set(body(Outputs=OUTPUTS["more"])))["More"] == "x"


def test_a_parameters_value(stack: Stack) -> None:
    stack.deploy(body())
    change_set = stack.change_set(body(), Size="90")
    queue = changes(change_set)["Queue"]
    assert (queue["Action"], queue["Replacement"], queue["Scope"]) == ("Modify", "False", ["Properties"])
    target = {
        "Attribute": "Properties",
        "Name": "VisibilityTimeout",
        "RequiresRecreation": "Never",
        "Path": "/Properties/VisibilityTimeout",
        "BeforeValue": "60",
        "AfterValue": "90",
        "AttributeChangeType": "Modify",
    }
    plain = {name: target[name] for name in ("Attribute", "Name", "RequiresRecreation")}
    assert queue["Details"] == [
        {"Target": target, "Evaluation": "Dynamic", "ChangeSource": "DirectModification"},
        {
            "Target": plain,
            "Evaluation": "Static",
            "ChangeSource": "ParameterReference",
            "CausingEntity": "Size",
        },
    ]
    stack.execute(change_set)
    attributes = stack.aws("sqs").get_queue_attributes(QueueUrl=stack.physical_id("Queue"), AttributeNames=["All"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "90"


def test_a_value_that_nothing_but_an_output_reads(stack: Stack) -> None:
    spoken = body(Outputs={"Loud": {"Value": {"Ref": "Loud"}}}, Conditions={}, Resources={"Queue": resource(QUEUE)})
    stack.deploy(spoken)
    change_set = stack.change_set(spoken, Loud="very")
    assert (change_set["Status"], change_set["Changes"]) == ("CREATE_COMPLETE", [])
    assert stack.execute(change_set) == {"Loud": "very"}


def test_an_ssm_parameter_is_read_anew(stack: Stack) -> None:
    ssm, name = stack.aws("ssm"), f"/{stack.name}/size"
    ssm.put_parameter(Name=name, Value="30", Type="String")
    sized = body(
        Parameters={"Size": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}, "Loud": {"Type": "String"}}
    )
    stack.deploy(sized, Loud="no")
    assert stack.change_set(sized)["Status"] == "FAILED"
    ssm.put_parameter(Name=name, Value="45", Type="String", Overwrite=True)
    change_set = stack.change_set(sized)
    assert changes(change_set)["Queue"]["Details"][0]["Target"]["AfterValue"] == "45"
    shown = {item["ParameterKey"]: item for item in change_set["Parameters"]}
    assert shown["Size"] == {"ParameterKey": "Size", "ParameterValue": name, "ResolvedValue": "45"}
    ssm.delete_parameter(Name=name)


def test_values_only_where_they_are_asked_for(stack: Stack) -> None:
    stack.deploy(template(Queue=resource(QUEUE, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}])))
    retagged = template(Queue=resource(QUEUE, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "2"}]))
    change_set = stack.change_set(retagged)
    targets = [detail["Target"] for detail in changes(change_set)["Queue"]["Details"]]
    assert [(item["Path"], item["AfterValue"]) for item in targets] == [
        ("/Properties/Tags/0/Value", "2"),
        ("/Properties/Tags/1/Value", "2"),
    ]
    plain = changes(stack.cloudformation.describe_change_set(ChangeSetName=change_set["ChangeSetId"]))["Queue"]
    assert not plain.keys() & {"BeforeContext", "AfterContext"}
    assert [detail["Target"] for detail in plain["Details"]] == [
        {"Attribute": "Properties", "Name": "Tags", "RequiresRecreation": "Never"}
    ]


def test_a_replacement_reaches_those_that_refer_to_it(stack: Stack) -> None:
    def noisy(name: str) -> Template:
        alarm = resource(
            ALARM,
            Namespace="n",
            MetricName="m",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Threshold=1,
            AlarmActions=[{"Ref": "Topic"}],
        )
        return template(Topic=resource(TOPIC, TopicName=name), Alarm=alarm)

    stack.deploy(noisy(f"{stack.name}-one"))
    former = stack.physical_id("Topic")
    change_set = stack.change_set(noisy(f"{stack.name}-two"))
    topic, alarm = changes(change_set)["Topic"], changes(change_set)["Alarm"]
    assert (topic["Replacement"], topic["PolicyAction"]) == ("True", "ReplaceAndDelete")
    assert topic["PhysicalResourceId"] == former
    assert alarm["Replacement"] == "False"
    assert alarm["Details"][0]["CausingEntity"] == "Topic"
    assert json.loads(alarm["AfterContext"])["Properties"]["AlarmActions"] == [UNKNOWN]
    stack.execute(change_set)
    (found,) = stack.aws("cloudwatch").describe_alarms(AlarmNames=[stack.physical_id("Alarm")])["MetricAlarms"]
    assert found["AlarmActions"] == [stack.physical_id("Topic")] != [former]


def test_secrets_are_not_shown(stack: Stack) -> None:
    secret = body() | {"Parameters": {"Size": {"Type": "Number", "NoEcho": True}, "Loud": {"Type": "String"}}}
    change_set = stack.change_set(secret, Size="12", Loud="no")
    assert {"ParameterKey": "Size", "ParameterValue": "****"} in change_set["Parameters"]
    assert json.loads(changes(change_set)["Queue"]["AfterContext"])["Properties"] == {"VisibilityTimeout": "****"}
    stack.execute(change_set)
