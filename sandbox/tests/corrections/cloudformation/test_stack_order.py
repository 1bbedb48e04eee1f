"""The order of stack operations: by dependency, and otherwise concurrent.

The custom resources wait until the test answers, so that the order of the events shows concurrent work.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack_lab import Provider, Stack, broken, parameter
from waiting import until

CANCELLED = "Resource creation cancelled"


def created(name: str) -> list[tuple[str, str]]:
    """Begun, initiated with a physical id, complete."""
    return [(name, "CREATE_IN_PROGRESS"), (name, "CREATE_IN_PROGRESS"), (name, "CREATE_COMPLETE")]


def test_creation_and_deletion_go_by_dependencies_and_are_concurrent_otherwise(
    stack: Stack, provider: Provider
) -> None:
    template = {
        "Resources": {
            "Top": provider.resource("Left", "Right"),
            "Left": provider.resource(),
            "Right": provider.resource(),
        }
    }
    stack_id = stack.create(template)
    provider.asked("Create", "Left", "Right")
    assert "Top" not in dict(stack.story())
    for name in ("Right", "Left", "Top"):
        provider.answer("Create", name)
        stack.shows(name, "CREATE_COMPLETE")
    assert stack.settled() == "CREATE_COMPLETE"
    left, *others = created("Left")
    right, *more = created("Right")
    rest = [*more, *others, *created("Top"), ("stack", "CREATE_COMPLETE")]
    story = [("stack", "CREATE_IN_PROGRESS"), left, right, *rest]
    assert stack.story() == story
    assert stack.reason("Left", "CREATE_IN_PROGRESS") == "Resource creation Initiated"

    stack.delete()
    provider.answer("Delete", "Top")
    provider.asked("Delete", "Left", "Right")
    provider.answer("Delete", "Left")
    stack.shows("Left", "DELETE_COMPLETE")
    provider.answer("Delete", "Right")
    assert stack.settled() == "DELETE_COMPLETE"
    assert stack.story(stack_id)[len(story) :] == [
        ("stack", "DELETE_IN_PROGRESS"),
        ("Top", "DELETE_IN_PROGRESS"),
        ("Top", "DELETE_COMPLETE"),
        ("Right", "DELETE_IN_PROGRESS"),
        ("Left", "DELETE_IN_PROGRESS"),
        ("Left", "DELETE_COMPLETE"),
        ("Right", "DELETE_COMPLETE"),
        ("stack", "DELETE_COMPLETE"),
    ]


def test_failed_creation_cancels_its_siblings_and_waits_for_them_before_it_deletes_them(
    stack: Stack, provider: Provider
) -> None:
    stack.create(
        {
            "Resources": {
                "Good": provider.resource(),
                "Bad": provider.resource(),
                "Never": parameter("1", DependsOn="Bad"),
            }
        }
    )
    provider.asked("Create", "Good")
    provider.answer("Create", "Bad", failure="no luck")
    until(lambda: stack.describe()["StackStatus"] == "ROLLBACK_IN_PROGRESS")
    provider.answer("Create", "Good", "good-1")
    provider.answer("Delete", "Good")
    assert stack.settled() == "ROLLBACK_COMPLETE"
    assert stack.story()[3:] == [
        ("Bad", "CREATE_FAILED"),
        ("Good", "CREATE_FAILED"),
        ("stack", "ROLLBACK_IN_PROGRESS"),
        ("Bad", "DELETE_COMPLETE"),
        ("Good", "DELETE_IN_PROGRESS"),
        ("Good", "DELETE_COMPLETE"),
        ("stack", "ROLLBACK_COMPLETE"),
    ]
    assert "no luck" in stack.reason("Bad", "CREATE_FAILED")
    assert stack.reason("Good", "CREATE_FAILED") == CANCELLED
    failed = "The following resource(s) failed to create: [Bad, Good]. Rollback requested by user."
    assert stack.reason("stack", "ROLLBACK_IN_PROGRESS") == failed
    assert stack.resources() == {}


def test_update_tells_of_what_changed_only_and_cleans_up_last(stack: Stack, provider: Provider) -> None:
    def template(value: str, *more: str) -> dict[str, Any]:
        things = {name: provider.resource(Value=value) for name in ("Left", "Right")}
        return {"Resources": {"Same": parameter(), **things, **{name: parameter(value) for name in more}}}

    stack.create(template("1", "Gone"))
    provider.answer("Create", "Left", "left-1")
    provider.answer("Create", "Right", "right-1")
    assert stack.settled() == "CREATE_COMPLETE"
    before = len(stack.story())

    stack.update(template("2", "New"))
    provider.asked("Update", "Left", "Right")
    provider.answer("Update", "Left")
    provider.answer("Update", "Right", "right-2")
    until(lambda: stack.describe()["StackStatus"] == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    provider.answer("Delete", "Right")
    assert stack.settled() == "UPDATE_COMPLETE"
    story = stack.story()[before:]
    assert story[:3] == [
        ("stack", "UPDATE_IN_PROGRESS"),
        ("Left", "UPDATE_IN_PROGRESS"),
        ("Right", "UPDATE_IN_PROGRESS"),
    ]
    assert set(created("New")) <= set(story)
    cleanup = story.index(("stack", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"))
    assert {entry for entry in story if entry[1].startswith("DELETE")} == set(story[cleanup + 1 : -1])
    assert {name for name, _ in story[cleanup + 1 : -1]} == {"Right", "Gone"}
    assert {name for name, _ in story} == {"stack", "Left", "Right", "New", "Gone"}
    deleted = [event["PhysicalResourceId"] for event in stack.events() if event["ResourceStatus"] == "DELETE_COMPLETE"]
    assert "right-1" in deleted
    assert stack.resources().keys() == {"Same", "Left", "Right", "New"}
    assert stack.resources()["Right"] == "right-2"


def test_failed_update_goes_back_while_the_old_resources_serve(stack: Stack, provider: Provider, aws: Any) -> None:
    def template(value: str, **more: Any) -> dict[str, Any]:
        light = parameter(value)
        return {"Resources": {"Light": light, "Moved": provider.resource("Light", Value=value), **more}}

    stack.create(template("1"))
    provider.answer("Create", "Moved", "moved-1")
    assert stack.settled() == "CREATE_COMPLETE"
    before, held = len(stack.story()), stack.resources()
    name = held["Light"]

    stack.update(template("2", Bad=broken(DependsOn="Moved")))
    provider.answer("Update", "Moved", "moved-2")
    provider.answer("Delete", "Moved")
    assert stack.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.story()[before:] == [
        ("stack", "UPDATE_IN_PROGRESS"),
        ("Light", "UPDATE_IN_PROGRESS"),
        ("Light", "UPDATE_COMPLETE"),
        ("Moved", "UPDATE_IN_PROGRESS"),
        ("Moved", "UPDATE_COMPLETE"),
        ("Bad", "CREATE_IN_PROGRESS"),
        ("Bad", "CREATE_FAILED"),
        ("stack", "UPDATE_ROLLBACK_IN_PROGRESS"),
        ("Light", "UPDATE_IN_PROGRESS"),
        ("Light", "UPDATE_COMPLETE"),
        ("Moved", "UPDATE_COMPLETE"),
        ("stack", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Bad", "DELETE_COMPLETE"),
        ("Moved", "DELETE_IN_PROGRESS"),
        ("Moved", "DELETE_COMPLETE"),
        ("stack", "UPDATE_ROLLBACK_COMPLETE"),
    ]
    assert stack.reason("stack", "UPDATE_ROLLBACK_IN_PROGRESS") == "The following resource(s) failed to create: [Bad]. "
    assert stack.resources() == held
    assert aws("ssm").get_parameter(Name=name)["Parameter"]["Value"] == "1"
    gone = [event["PhysicalResourceId"] for event in stack.events() if event["ResourceStatus"] == "DELETE_COMPLETE"]
    assert "moved-2" in gone
    assert "moved-1" not in gone


def test_cancelled_update_ends_what_blocks_and_goes_back(stack: Stack, provider: Provider) -> None:
    stack.create({"Resources": {"Thing": provider.resource(Value="1")}})
    provider.answer("Create", "Thing")
    assert stack.settled() == "CREATE_COMPLETE"
    stack.update({"Resources": {"Thing": provider.resource(Value="2"), "Later": parameter(DependsOn="Thing")}})
    provider.asked("Update", "Thing")
    stack.api.cancel_update_stack(StackName=stack.name)
    until(lambda: stack.describe()["StackStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS")
    assert stack.reason("Thing", "UPDATE_FAILED") == "Resource update cancelled"
    assert stack.reason("stack", "UPDATE_ROLLBACK_IN_PROGRESS") == "User Initiated"
    provider.answer("Update", "Thing")
    provider.answer("Update", "Thing")
    assert stack.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert "Later" not in dict(stack.story())


def test_stack_that_is_deleted_while_it_is_created_leaves_nothing(stack: Stack, provider: Provider) -> None:
    forever = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "600"},
    }
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    stack_id = stack.create({"Resources": {"Handle": handle, "Forever": forever, "Thing": provider.resource()}})
    provider.asked("Create", "Thing")
    stack.delete()
    until(lambda: stack.describe()["StackStatus"] == "DELETE_IN_PROGRESS")
    provider.answer("Create", "Thing")
    provider.answer("Delete", "Thing")
    assert stack.settled() == "DELETE_COMPLETE"
    story = stack.story(stack_id)
    assert story[-1] == ("stack", "DELETE_COMPLETE")
    assert {("Thing", "CREATE_FAILED"), ("Forever", "CREATE_FAILED"), ("Thing", "DELETE_COMPLETE")} <= set(story)
    with pytest.raises(ClientError, match="does not exist"):
        stack.describe()


def test_rollback_that_cannot_delete_keeps_what_is_left(stack: Stack, provider: Provider) -> None:
    things = {"Light": parameter(), "Free": parameter(), "Thing": provider.resource("Light")}
    stack.create({"Resources": {**things, "Bad": broken(DependsOn="Thing")}})
    provider.answer("Create", "Thing")
    provider.answer("Delete", "Thing", failure="stuck")
    assert stack.settled() == "ROLLBACK_FAILED"
    assert stack.describe()["StackStatusReason"] == "The following resource(s) failed to delete: [Thing]."
    assert stack.resources().keys() == {"Light", "Thing"}
    stack.delete()
    provider.answer("Delete", "Thing")
    assert stack.settled() == "DELETE_COMPLETE"


@pytest.mark.parametrize("goes_on", [True, False])
def test_failure_that_was_kept_is_mended_or_rolled_back(stack: Stack, aws: Any, goes_on: bool) -> None:
    def value(name: str) -> str:
        return aws("ssm").get_parameter(Name=name)["Parameter"]["Value"]

    assert stack.created({"Resources": {"Light": parameter("1")}}) == "CREATE_COMPLETE"
    light = stack.resources()["Light"]
    template = {"Resources": {"Light": parameter("2"), "New": parameter()}}
    bad = {"Bad": broken(DependsOn=["Light", "New"])}
    assert stack.updated({"Resources": template["Resources"] | bad}, DisableRollback=True) == "UPDATE_FAILED"
    new = stack.resources()["New"]
    assert value(light) == "2"
    if goes_on:
        assert stack.changed(template) == "UPDATE_COMPLETE"
        assert stack.resources() == {"Light": light, "New": new}
        assert (value(light), value(new)) == ("2", "1")
        return
    stack.api.rollback_stack(StackName=stack.name)
    assert stack.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert value(light) == "1"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        value(new)
