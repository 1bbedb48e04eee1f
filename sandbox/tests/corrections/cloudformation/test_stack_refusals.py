"""Refusals of a stack: while it is busy, after a failure, and for parameters and updates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import Lab, trust
from stack_lab import Provider, Stack, broken, parameter

TRUST = trust("cloudformation.amazonaws.com")


@pytest.fixture
def busy(stack: Stack, provider: Provider) -> Iterator[Stack]:
    """A stack in the midst of an update."""
    stack.create({"Resources": {"Thing": provider.resource(Value="1")}})
    provider.answer("Create", "Thing")
    assert stack.settled() == "CREATE_COMPLETE"
    stack.update({"Resources": {"Thing": provider.resource(Value="2")}})
    yield stack
    provider.answer("Update", "Thing")
    assert stack.settled() == "UPDATE_COMPLETE"


def test_busy_stack_refuses_updates_change_sets_and_its_deletion(busy: Stack) -> None:
    other = {"Resources": {"Other": parameter()}}
    refused = (
        rf"\(ValidationError\).*: Stack:{busy.describe()['StackId']} is in UPDATE_IN_PROGRESS state and can not be"
    )
    with pytest.raises(ClientError, match=refused):
        busy.update(other)
    with pytest.raises(ClientError, match=refused):
        busy.change_set(other)
    with pytest.raises(ClientError, match="already exists and cannot be created again with the changeSet"):
        busy.change_set(other, ChangeSetType="CREATE")
    with pytest.raises(ClientError, match="cannot be deleted while in status UPDATE_IN_PROGRESS"):
        busy.delete()


def test_change_set_from_before_is_not_executed_on_a_busy_stack(stack: Stack, provider: Provider) -> None:
    assert stack.created({"Resources": {"Light": parameter()}}) == "CREATE_COMPLETE"
    change_set = stack.change_set({"Resources": {"Light": parameter("2")}})
    stack.update({"Resources": {"Light": parameter(), "Thing": provider.resource()}})
    with pytest.raises(ClientError, match="is in UPDATE_IN_PROGRESS state and can not be updated"):
        stack.api.execute_change_set(ChangeSetName=change_set)
    provider.answer("Create", "Thing")
    assert stack.settled() == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        stack.api.execute_change_set(ChangeSetName=change_set)


def test_stack_whose_creation_was_rolled_back_can_only_be_deleted(stack: Stack) -> None:
    template = {"Resources": {"Bad": broken()}}
    assert stack.created(template) == "ROLLBACK_COMPLETE"
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        stack.update({"Resources": {"Light": parameter()}})
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        stack.change_set({"Resources": {"Light": parameter()}})
    with pytest.raises(ClientError, match=r"AlreadyExistsException.*already exists"):
        stack.create(template)
    assert stack.deleted() == "DELETE_COMPLETE"


def test_unknown_parameters_and_empty_updates_are_refused(stack: Stack) -> None:
    template = {"Parameters": {"Value": {"Type": "String"}}, "Resources": {"Light": parameter({"Ref": "Value"})}}
    known, unknown = ({"ParameterKey": key, "ParameterValue": "1"} for key in ("Value", "Vlaue"))
    said = r"ValidationError.*Parameters: \[Vlaue\] do not exist in the template"
    with pytest.raises(ClientError, match=said):
        stack.create(template, Parameters=[known, unknown])
    assert stack.created(template, Parameters=[known]) == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match=said):
        stack.update(template, Parameters=[known | {"ParameterValue": "2"}, unknown])
    with pytest.raises(ClientError, match=said):
        stack.change_set(template, Parameters=[known, unknown])
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stack.update(template, Parameters=[known])


def test_change_set_that_would_revert_drift_is_refused(stack: Stack) -> None:
    """The CDK's --revert-drift; an answer "no changes" would hide the drift of a hotswap."""
    assert stack.created({"Resources": {"Thing": parameter()}}) == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match=r"does not implement CreateChangeSet\.DeploymentMode"):
        stack.change_set({"Resources": {"Thing": parameter()}}, DeploymentMode="REVERT_DRIFT")


def test_role_of_an_operation_stays_with_the_stack(stack: Stack, aws: Any) -> None:
    lab = Lab(aws)
    first, second = lab.make_role(TRUST), lab.make_role(TRUST)
    assert stack.created({"Resources": {"L": parameter()}}) == "CREATE_COMPLETE"
    change_set = stack.change_set({"Resources": {"L": parameter("2")}}, RoleARN=first)
    assert "RoleARN" not in stack.describe()
    stack.api.execute_change_set(ChangeSetName=change_set)
    assert stack.settled() == "UPDATE_COMPLETE"
    assert stack.describe()["RoleARN"] == first
    assert stack.updated({"Resources": {"L": parameter("3")}}) == "UPDATE_COMPLETE"
    assert stack.describe()["RoleARN"] == first
    assert stack.updated({"Resources": {"L": parameter("4")}}, RoleARN=second) == "UPDATE_COMPLETE"
    assert stack.describe()["RoleARN"] == second
