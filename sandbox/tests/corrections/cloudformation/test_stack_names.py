"""Physical names: generated anew at every creation and replacement, and taken once if they are custom."""

from __future__ import annotations

import json
from typing import Any

import pytest
from job_lab import trust
from stack_lab import Stack, parameter

TRUST = trust("lambda.amazonaws.com")


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, **properties}}


def log_group(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": properties}


def test_generated_names_stay_at_an_update_and_change_at_a_replacement(stack: Stack, aws: Any) -> None:
    def template(value: str, days: int, path: str) -> dict[str, Any]:
        return {"Resources": {"P": parameter(value), "G": log_group(RetentionInDays=days), "R": role(Path=path)}}

    assert stack.created(template("1", 1, "/a/")) == "CREATE_COMPLETE"
    first = stack.resources()
    assert stack.updated(template("2", 3, "/b/")) == "UPDATE_COMPLETE"
    second = stack.resources()
    assert (second["P"], second["G"]) == (first["P"], first["G"])
    assert second["R"] != first["R"]
    assert aws("ssm").get_parameter(Name=first["P"])["Parameter"]["Value"] == "2"
    (group,) = aws("logs").describe_log_groups(logGroupNamePrefix=first["G"])["logGroups"]
    assert group["retentionInDays"] == 3
    with pytest.raises(aws("iam").exceptions.NoSuchEntityException):
        aws("iam").get_role(RoleName=first["R"])


def test_resource_moves_between_a_custom_and_a_generated_name(stack: Stack, aws: Any) -> None:
    name = f"/{stack.name}/custom"
    assert stack.created({"Resources": {"P": parameter("1", name)}}) == "CREATE_COMPLETE"
    assert stack.updated({"Resources": {"P": parameter("2")}}) == "UPDATE_COMPLETE"
    generated = stack.resources()["P"]
    assert generated != name
    assert stack.updated({"Resources": {"P": parameter("3", name)}}) == "UPDATE_COMPLETE"
    assert stack.resources() == {"P": name}
    with pytest.raises(aws("ssm").exceptions.ParameterNotFound):
        aws("ssm").get_parameter(Name=generated)


def test_name_that_is_taken_fails_the_creation(stack: Stack, aws: Any) -> None:
    iam, name = aws("iam"), stack.name
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Description="mine")
    assert stack.created({"Resources": {"R": role(RoleName=name)}}) == "ROLLBACK_COMPLETE"
    assert (
        stack.reason("R", "CREATE_FAILED")
        == f"Resource of type 'AWS::IAM::Role' with identifier '{name}' already exists."
    )
    assert iam.get_role(RoleName=name)["Role"]["Description"] == "mine"


def test_name_of_another_stack_fails_the_creation_and_stays_there(stack: Stack, aws: Any) -> None:
    other, name = Stack(aws), f"/{stack.name}/taken"
    stack_id = other.create({"Resources": {"P": parameter("theirs", name)}})
    assert other.settled() == "CREATE_COMPLETE"
    assert stack.created({"Resources": {"P": parameter("ours", name)}}) == "ROLLBACK_COMPLETE"
    assert stack.reason("P", "CREATE_FAILED") == f"{name} already exists in stack {stack_id}"
    assert aws("ssm").get_parameter(Name=name)["Parameter"]["Value"] == "theirs"


def test_custom_named_resource_is_not_replaced(stack: Stack) -> None:
    assert stack.created({"Resources": {"R": role(RoleName=stack.name, Path="/a/")}}) == "CREATE_COMPLETE"
    assert stack.updated({"Resources": {"R": role(RoleName=stack.name, Path="/b/")}}) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.reason("R", "UPDATE_FAILED") == (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        f"Rename {stack.name} and update the stack again."
    )
