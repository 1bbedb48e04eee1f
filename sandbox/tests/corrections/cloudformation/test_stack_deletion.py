"""The deletion of a stack, which leaves only retained and non-empty resources."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack_lab import Stack, broken, parameter
from waiting import until


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def exists(aws: Any, name: str) -> bool:
    try:
        return bool(aws("ssm").get_parameter(Name=name))
    except ClientError:
        return False


def test_bucket_with_objects_keeps_its_stack_and_what_it_needs(stack: Stack, aws: Any) -> None:
    s3 = aws("s3")
    template = {"Resources": {"Key": parameter(), "Free": parameter(), "Full": bucket() | {"DependsOn": "Key"}}}
    assert stack.created(template) == "CREATE_COMPLETE"
    held = stack.resources()
    s3.put_object(Bucket=held["Full"], Key="object", Body=b"1")

    assert stack.deleted() == "DELETE_FAILED"
    assert "The bucket you tried to delete is not empty" in stack.reason("Full", "DELETE_FAILED")
    assert stack.describe()["StackStatusReason"] == "The following resource(s) failed to delete: [Full]. "
    assert stack.resources().keys() == {"Key", "Full"}
    assert exists(aws, held["Key"])
    assert not exists(aws, held["Free"])
    with pytest.raises(ClientError, match="is in DELETE_FAILED state and can not be updated"):
        stack.update({"Resources": {"Key": parameter("2")}})

    assert stack.deleted(RetainResources=["Full"]) == "DELETE_COMPLETE"
    assert s3.get_object(Bucket=held["Full"], Key="object")["Body"].read() == b"1"
    assert not exists(aws, held["Key"])


def test_versions_of_deleted_objects_keep_a_bucket_too(stack: Stack, aws: Any) -> None:
    s3 = aws("s3")
    template = {"Resources": {"Full": bucket(VersioningConfiguration={"Status": "Enabled"})}}
    assert stack.created(template) == "CREATE_COMPLETE"
    name = stack.resources()["Full"]
    s3.put_object(Bucket=name, Key="object", Body=b"1")
    s3.delete_object(Bucket=name, Key="object")
    assert stack.deleted() == "DELETE_FAILED"
    versions = s3.list_object_versions(Bucket=name)
    for version in [*versions["Versions"], *versions["DeleteMarkers"]]:
        s3.delete_object(Bucket=name, Key="object", VersionId=version["VersionId"])
    assert stack.deleted() == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("policy", "kept_at_rollback", "kept_at_deletion"),
    [("Retain", True, True), ("RetainExceptOnCreate", False, True), ("Delete", False, False)],
)
def test_deletion_policy(stack: Stack, aws: Any, policy: str, kept_at_rollback: bool, kept_at_deletion: bool) -> None:
    name = f"/{stack.name}/kept"
    kept = parameter("1", name, DeletionPolicy=policy)
    assert stack.created({"Resources": {"Kept": kept, "Bad": broken(DependsOn="Kept")}}) == "ROLLBACK_COMPLETE"
    assert exists(aws, name) is kept_at_rollback
    assert stack.deleted() == "DELETE_COMPLETE"
    if kept_at_rollback:
        aws("ssm").delete_parameter(Name=name)
    assert stack.created({"Resources": {"Kept": kept, "Light": parameter()}}) == "CREATE_COMPLETE"
    stack_id = stack.describe()["StackId"]
    assert stack.deleted() == "DELETE_COMPLETE"
    assert exists(aws, name) is kept_at_deletion
    skipped = ("Kept", "DELETE_SKIPPED") in stack.story(stack_id)
    assert skipped is kept_at_deletion


def test_replaced_resource_is_retained_if_its_policy_says_so(stack: Stack, aws: Any) -> None:
    def template(name: str) -> dict[str, Any]:
        return {"Resources": {"Moved": parameter("1", f"/{stack.name}/{name}", UpdateReplacePolicy="Retain")}}

    assert stack.created(template("first")) == "CREATE_COMPLETE"
    assert stack.updated(template("second")) == "UPDATE_COMPLETE"
    assert exists(aws, f"/{stack.name}/first")
    assert stack.story()[-3:] == [
        ("stack", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Moved", "DELETE_SKIPPED"),
        ("stack", "UPDATE_COMPLETE"),
    ]


def test_removed_resource_that_cannot_be_deleted_leaves_the_stack_after_three_attempts(stack: Stack, aws: Any) -> None:
    assert stack.created({"Resources": {"Light": parameter(), "Full": bucket()}}) == "CREATE_COMPLETE"
    name = stack.resources()["Full"]
    aws("s3").put_object(Bucket=name, Key="object", Body=b"1")
    assert stack.updated({"Resources": {"Light": parameter()}}) == "UPDATE_COMPLETE"
    assert stack.describe()["StackStatusReason"] == "Update successful. One or more resources could not be deleted."
    assert stack.story().count(("Full", "DELETE_FAILED")) == 3
    assert stack.resources().keys() == {"Light"}


def test_stack_created_again_has_new_names_and_no_former_executions(stack: Stack, aws: Any) -> None:
    sfn, iam = aws("stepfunctions"), aws("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=stack.name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": stack.name,
            "RoleArn": role,
            "DefinitionString": json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        },
    }
    template = {"Resources": {"Light": parameter(), "Bucket": bucket(), "Machine": machine}}
    assert stack.created(template) == "CREATE_COMPLETE"
    first = stack.resources()
    execution = sfn.start_execution(stateMachineArn=first["Machine"])["executionArn"]
    until(lambda: sfn.describe_execution(executionArn=execution)["status"] != "RUNNING")
    first_id = stack.describe()["StackId"]
    assert stack.deleted() == "DELETE_COMPLETE"
    assert stack.created(template) == "CREATE_COMPLETE"
    second = stack.resources()
    assert second["Light"] != first["Light"]
    assert second["Bucket"] != first["Bucket"]
    assert sfn.list_executions(stateMachineArn=second["Machine"])["executions"] == []
    assert stack.story(first_id)[-1] == ("stack", "DELETE_COMPLETE")
    deleted = stack.api.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert first_id in [entry["StackId"] for entry in deleted]
