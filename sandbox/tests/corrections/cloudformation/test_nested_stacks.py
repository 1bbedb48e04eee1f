"""Nested stacks: created, updated, rolled back and deleted with their parents.

Source: AWS CloudFormation User Guide, "Nested stacks".
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import Lab, unique
from stack_lab import Provider, Stack, broken, parameter
from waiting import until

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": {"Ref": "Seconds"}}}
ARN = {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}


class Templates:
    """Templates of nested stacks in a bucket."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def put(self, template: dict, key: str = "") -> str:
        """Store a template; gives its URL."""
        key = key or unique("template")
        self._lab.s3.put_object(Bucket=self._lab.bucket, Key=key, Body=json.dumps(template))
        return f"https://s3.us-east-1.amazonaws.com/{self._lab.bucket}/{key}"


@pytest.fixture(scope="module")
def templates(lab: Lab) -> Templates:
    return Templates(lab)


def nested(url: str, *after: str, **properties: Any) -> dict[str, Any]:
    properties = {"TemplateURL": url, **properties}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties, "DependsOn": list(after)}


def parent(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def child(value: str = "1", **more: Any) -> dict[str, Any]:
    """A template with a parameter and two resources; an output reads an attribute of one."""
    return {
        "Parameters": {"Seconds": {"Type": "Number", "Default": 30}},
        "Resources": {"Queue": QUEUE, "Light": parameter(value), **more},
        "Outputs": {"Arn": ARN},
    }


def inner(aws: Any, stack: Stack, logical_id: str = "Child") -> Stack:
    """The nested stack, addressed by its id."""
    return Stack(aws, stack.resources()[logical_id])


def value(aws: Any, stack: Stack) -> str:
    return aws("ssm").get_parameter(Name=stack.resources()["Light"])["Parameter"]["Value"]


def test_update_keeps_the_resources_that_an_output_reads(aws: Any, stack: Stack, templates: Templates) -> None:
    assert stack.created(parent(Child=nested(templates.put(child("one"))))) == "CREATE_COMPLETE"
    made = inner(aws, stack)
    before = made.resources()
    assert stack.updated(parent(Child=nested(templates.put(child("two"))))) == "UPDATE_COMPLETE"
    assert made.resources() == before
    assert (made.describe()["StackStatus"], value(aws, made)) == ("UPDATE_COMPLETE", "two")
    assert stack.deleted() == "DELETE_COMPLETE"
    assert made.describe()["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        aws("ssm").get_parameter(Name=before["Light"])


def test_parent_reads_outputs_and_gives_parameters(aws: Any, stack: Stack, templates: Templates) -> None:
    url = templates.put(child())
    template = parent(
        Child=nested(url, Parameters={"Seconds": 40}),
        Reader=parameter({"Fn::Sub": "${Child.Outputs.Arn}"}),
    )
    template["Outputs"] = {"Id": {"Value": {"Ref": "Child"}}}
    assert stack.created(template) == "CREATE_COMPLETE"
    made = inner(aws, stack)
    described = made.describe()
    (output,) = described["Outputs"]
    assert aws("ssm").get_parameter(Name=stack.resources()["Reader"])["Parameter"]["Value"] == output["OutputValue"]
    assert stack.describe()["Outputs"][0]["OutputValue"] == described["StackId"]
    assert described["StackName"].startswith(f"{stack.name}-Child-")
    assert described["ParentId"] == described["RootId"] == stack.describe()["StackId"]
    assert described["Parameters"] == [{"ParameterKey": "Seconds", "ParameterValue": "40"}]
    template["Resources"]["Child"] = nested(url, Parameters={"Seconds": 50})
    assert stack.updated(template) == "UPDATE_COMPLETE"
    queue = aws("sqs").get_queue_attributes(QueueUrl=made.resources()["Queue"], AttributeNames=["VisibilityTimeout"])
    assert queue["Attributes"]["VisibilityTimeout"] == "50"


def test_changed_template_behind_the_same_url_is_deployed(aws: Any, stack: Stack, templates: Templates) -> None:
    key = unique("same")
    template = parent(Child=nested(templates.put(child("one"), key)))
    assert stack.created(template) == "CREATE_COMPLETE"
    templates.put(child("two"), key)
    assert stack.updated(template) == "UPDATE_COMPLETE"
    assert value(aws, inner(aws, stack)) == "two"


def test_unchanged_nested_stack_is_left_alone(aws: Any, stack: Stack, templates: Templates) -> None:
    url = templates.put(child())
    assert stack.created(parent(Child=nested(url))) == "CREATE_COMPLETE"
    assert stack.updated(parent(Child=nested(url), Other=parameter())) == "UPDATE_COMPLETE"
    made = inner(aws, stack)
    assert made.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert ("Child", "UPDATE_COMPLETE") in stack.story()


def test_failed_creation_is_rolled_back_with_its_parent(aws: Any, stack: Stack, templates: Templates) -> None:
    url = templates.put(child(Bad=broken(DependsOn=["Light", "Queue"])))
    assert stack.created(parent(Child=nested(url))) == "ROLLBACK_COMPLETE"
    made = next(event["PhysicalResourceId"] for event in stack.events() if "Child" in event["PhysicalResourceId"])
    reason = f"Embedded stack {made} was not successfully created: The following resource(s) failed to create: [Bad]."
    assert stack.reason("Child", "CREATE_FAILED").strip() == reason
    within = Stack(aws, made)
    assert within.describe()["StackStatus"] == "DELETE_COMPLETE"
    assert [status for name, status in within.story() if name.startswith(stack.name)] == [
        "CREATE_IN_PROGRESS",
        "CREATE_FAILED",
        "DELETE_IN_PROGRESS",
        "DELETE_COMPLETE",
    ]


def test_updated_nested_stack_is_rolled_back_with_its_parent(aws: Any, stack: Stack, templates: Templates) -> None:
    assert stack.created(parent(Child=nested(templates.put(child("one"))))) == "CREATE_COMPLETE"
    made = inner(aws, stack)
    before = made.resources()
    changed = nested(templates.put(child("two", More=parameter())))
    assert stack.updated(parent(Child=changed, Bad=broken(DependsOn="Child"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert made.resources() == before
    assert value(aws, made) == "one"
    assert [status for name, status in made.story() if name.startswith(stack.name)][2:] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
    ]
    assert stack.updated(parent(Child=nested(templates.put(child("three"))))) == "UPDATE_COMPLETE"
    assert value(aws, made) == "three"


def test_failed_update_is_rolled_back_with_its_siblings(aws: Any, stack: Stack, templates: Templates) -> None:
    first, second = nested(templates.put(child("one"))), nested(templates.put(child("one")), "First")
    assert stack.created(parent(First=first, Second=second)) == "CREATE_COMPLETE"
    first = nested(templates.put(child("two")))
    second = nested(templates.put(child("two", Bad=broken(DependsOn="Light"))), "First")
    assert stack.updated(parent(First=first, Second=second)) == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        "Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to create: [Bad]"
        in (stack.reason("Second", "UPDATE_FAILED"))
    )
    for name in ("First", "Second"):
        made = inner(aws, stack, name)
        assert (made.describe()["StackStatus"], value(aws, made)) == ("UPDATE_ROLLBACK_COMPLETE", "one")


def test_what_a_nested_update_replaces_stays_until_the_parent_is_complete(
    aws: Any, stack: Stack, templates: Templates, provider: Provider
) -> None:
    thing = provider.resource("Child", Value="1")
    assert stack.created(parent(Child=nested(templates.put(child(Old=parameter()))))) == "CREATE_COMPLETE"
    made = inner(aws, stack)
    old = made.resources()["Old"]
    stack.update(parent(Child=nested(templates.put(child())), Thing=thing))
    until(lambda: made.describe()["StackStatus"] == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    assert aws("ssm").get_parameter(Name=old)
    provider.answer("Create", "Thing")
    assert stack.settled() == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        aws("ssm").get_parameter(Name=old)
    stack.delete()
    provider.answer("Delete", "Thing")
    assert stack.settled() == "DELETE_COMPLETE"


def test_failed_sibling_halts_a_nested_stack(aws: Any, stack: Stack, templates: Templates, provider: Provider) -> None:
    slow = {"Thing": provider.resource(), "Later": parameter(DependsOn="Thing")}
    stack.create(parent(Child=nested(templates.put(parent(**slow))), Other=provider.resource()))
    provider.asked("Create", "Thing", "Other")
    provider.answer("Create", "Other", failure="no")
    stack.shows("Child", "CREATE_FAILED")
    provider.answer("Create", "Thing")
    provider.answer("Delete", "Thing")
    assert stack.settled() == "ROLLBACK_COMPLETE"
    made = next(event["PhysicalResourceId"] for event in stack.events() if "-Child-" in event["PhysicalResourceId"])
    within = Stack(aws, made)
    assert within.describe()["StackStatus"] == "DELETE_COMPLETE"
    assert ("Later", "CREATE_IN_PROGRESS") not in within.story()


def test_changes_without_rollback_are_continued_or_undone(aws: Any, stack: Stack, templates: Templates) -> None:
    assert stack.created(parent(Child=nested(templates.put(child("one"))))) == "CREATE_COMPLETE"
    made = inner(aws, stack)
    two, bad = nested(templates.put(child("two"))), broken(DependsOn="Child")
    assert stack.updated(parent(Child=two, Bad=bad), DisableRollback=True) == "UPDATE_FAILED"
    assert (made.describe()["StackStatus"], value(aws, made)) == ("UPDATE_COMPLETE", "two")
    stack.api.rollback_stack(StackName=stack.name)
    assert stack.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert value(aws, made) == "one"
    assert stack.updated(parent(Child=two, Bad=bad), DisableRollback=True) == "UPDATE_FAILED"
    assert stack.changed(parent(Child=two)) == "UPDATE_COMPLETE"
    assert (made.describe()["StackStatus"], value(aws, made)) == ("UPDATE_COMPLETE", "two")


def test_nested_stack_that_cannot_be_deleted_stays(aws: Any, stack: Stack, templates: Templates, lab: Lab) -> None:
    url = templates.put(parent(Bucket={"Type": "AWS::S3::Bucket"}))
    assert stack.created(parent(Child=nested(url))) == "CREATE_COMPLETE"
    made = inner(aws, stack)
    bucket = made.resources()["Bucket"]
    lab.s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert stack.deleted() == "DELETE_FAILED"
    assert "was not successfully deleted: The following resource(s) failed to delete: [Bucket]" in (
        stack.reason("Child", "DELETE_FAILED")
    )
    lab.s3.delete_object(Bucket=bucket, Key="k")
    assert stack.deleted() == "DELETE_COMPLETE"
    assert made.describe()["StackStatus"] == "DELETE_COMPLETE"


def test_nested_stacks_nest(aws: Any, stack: Stack, templates: Templates) -> None:
    def levels(text: str) -> dict[str, Any]:
        inside = parent(Child=nested(templates.put(child(text))))
        inside["Outputs"] = {"Arn": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Arn"]}}}
        return parent(Child=nested(templates.put(inside)))

    assert stack.created(levels("one")) == "CREATE_COMPLETE"
    middle = inner(aws, stack)
    lowest = inner(aws, middle)
    assert lowest.describe()["RootId"] == stack.describe()["StackId"]
    assert lowest.describe()["ParentId"] == middle.name
    assert stack.updated(levels("two")) == "UPDATE_COMPLETE"
    assert value(aws, lowest) == "two"
    assert stack.updated({"Resources": {"Other": parameter()}}) == "UPDATE_COMPLETE"
    assert {each.describe()["StackStatus"] for each in (middle, lowest)} == {"DELETE_COMPLETE"}


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ({"Resources": {"Bad": {"Type": "AWS::No::Such"}}}, "CloudFormation has no such resource type"),
        ({"Parameters": {"P": {"Type": "String"}}, **parent(A=parameter())}, "Parameters: [P] must have values"),
    ],
)
def test_template_that_is_refused_fails_its_stack(
    stack: Stack, templates: Templates, template: dict[str, Any], sentence: str
) -> None:
    assert stack.created(parent(Child=nested(templates.put(template)))) == "ROLLBACK_COMPLETE"
    assert sentence in stack.reason("Child", "CREATE_FAILED")


def test_template_that_is_not_there_fails_its_stack(stack: Stack, lab: Lab) -> None:
    url = f"https://s3.amazonaws.com/{lab.bucket}/none.json"
    assert stack.created(parent(Child=nested(url))) == "ROLLBACK_COMPLETE"
    assert "none.json" in stack.reason("Child", "CREATE_FAILED")


def test_nested_stack_acts_with_its_parents_role(aws: Any, stack: Stack, templates: Templates, lab: Lab) -> None:
    alarm = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "MetricName": "Sent",
            "Namespace": "AWS/SQS",
            "Period": 60,
            "Statistic": "Sum",
        },
    }
    powerless = powerless_role(aws)
    assert stack.created(parent(Child=nested(templates.put(parent(Alarm=alarm)))), RoleARN=powerless) in (
        "ROLLBACK_COMPLETE"
    )
    made = next(event["PhysicalResourceId"] for event in stack.events() if "-Child-" in event["PhysicalResourceId"])
    assert "cloudwatch:PutMetricAlarm" in Stack(aws, made).events()[2]["ResourceStatusReason"]


def test_nested_stack_is_protected_with_its_root(aws: Any, stack: Stack, templates: Templates) -> None:
    assert stack.created(parent(Child=nested(templates.put(child())))) == "CREATE_COMPLETE"
    made = inner(aws, stack)
    stack.api.update_termination_protection(StackName=stack.name, EnableTerminationProtection=True)
    assert made.describe()["EnableTerminationProtection"]
    with pytest.raises(ClientError, match="TerminationProtection is enabled on its root stack"):
        made.delete()
    with pytest.raises(ClientError, match="its termination protection is that of its root stack"):
        made.api.update_termination_protection(StackName=made.name, EnableTerminationProtection=False)
    stack.api.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
    assert made.deleted() == "DELETE_COMPLETE"
    assert stack.deleted() == "DELETE_COMPLETE"


def test_rollback_of_a_nested_stack_that_fails_is_not_continued(
    stack: Stack, templates: Templates, provider: Provider
) -> None:
    def template(number: str, **more: Any) -> dict[str, Any]:
        return parent(Child=nested(templates.put(parent(Thing=provider.resource(Number=number)))), **more)

    stack.create(template("1"))
    provider.answer("Create", "Thing")
    assert stack.settled() == "CREATE_COMPLETE"
    stack.update(template("2", Bad=broken(DependsOn="Child")))
    provider.answer("Update", "Thing")
    provider.answer("Update", "Thing", failure="no")
    assert stack.settled() == "UPDATE_ROLLBACK_FAILED"
    assert "Currently in UPDATE_ROLLBACK_FAILED with reason" in stack.reason("Child", "UPDATE_FAILED")
    with pytest.raises(ClientError, match=r"the sandbox does not continue the rollback of nested stacks \(Child\)"):
        stack.api.continue_update_rollback(StackName=stack.name)
    stack.delete()
    provider.answer("Delete", "Thing")
    assert stack.settled() == "DELETE_COMPLETE"


def powerless_role(aws: Any) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return aws("iam").create_role(RoleName=unique("role"), AssumeRolePolicyDocument=document)["Role"]["Arn"]


def described(stack: Stack, change_set: str) -> dict[str, Any]:
    return stack.api.describe_change_set(ChangeSetName=change_set)


def changes(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """The action on each resource, and the id of its own change set."""
    listed = [change["ResourceChange"] for change in found["Changes"]]
    return {each["LogicalResourceId"]: (each["Action"], each.get("ChangeSetId", "")) for each in listed}


def test_change_set_includes_nested_stacks(aws: Any, stack: Stack, templates: Templates) -> None:
    """ "Change sets for nested stacks"."""
    first = parent(Child=nested(templates.put(child("one"))), Calm=nested(templates.put(child("calm"))))
    made = stack.change_set(first, ChangeSetType="CREATE", IncludeNestedStacks=True)
    action, inner_id = changes(described(stack, made))["Child"]
    within = described(stack, inner_id)
    assert action == "Add"
    assert set(changes(within)) == {"Queue", "Light"}
    assert (within["ParentChangeSetId"], within["RootChangeSetId"]) == (made, made)
    with pytest.raises(ClientError, match="Use its root change set"):
        stack.api.execute_change_set(ChangeSetName=inner_id)
    stack.api.execute_change_set(ChangeSetName=made)
    assert stack.settled() == "CREATE_COMPLETE"
    assert stack.resources()["Child"] == within["StackId"]

    second = parent(Child=nested(templates.put(child("two"))), Calm=first["Resources"]["Calm"])
    made = stack.change_set(second, IncludeNestedStacks=True)
    found = changes(described(stack, made))
    assert set(found) == {"Child"}
    assert changes(described(stack, found["Child"][1])) == {"Light": ("Modify", "")}
    assert set(changes(described(stack, stack.change_set(second)))) == {"Child", "Calm"}
    stack.api.execute_change_set(ChangeSetName=made)
    assert stack.settled() == "UPDATE_COMPLETE"
    again = described(stack, stack.change_set(second, IncludeNestedStacks=True))
    assert (again["Status"], again["Changes"]) == ("FAILED", [])
    assert "didn't contain changes" in again["StatusReason"]


def test_change_set_names_what_a_nested_template_is_refused_for(stack: Stack, templates: Templates) -> None:
    url = templates.put({"Resources": {"Bad": {"Type": "AWS::No::Such"}}})
    made = stack.change_set(parent(Child=nested(url)), ChangeSetType="CREATE", IncludeNestedStacks=True)
    found = described(stack, made)
    assert found["Status"] == "FAILED"
    assert "CloudFormation has no such resource type" in found["StatusReason"]


def test_value_known_after_the_execution_is_no_fault(aws: Any, stack: Stack, templates: Templates) -> None:
    seconds = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "45"}}
    given = {"Seconds": {"Fn::GetAtt": ["Length", "Value"]}}
    template = parent(Length=seconds, Child=nested(templates.put(child()), Parameters=given))
    made = stack.change_set(template, ChangeSetType="CREATE", IncludeNestedStacks=True)
    stack.api.execute_change_set(ChangeSetName=made)
    assert stack.settled() == "CREATE_COMPLETE"
    assert inner(aws, stack).describe()["Parameters"][0]["ParameterValue"] == "45"
