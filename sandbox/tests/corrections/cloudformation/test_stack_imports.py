"""Existing resources brought under a stack: by a change set of type IMPORT, or by name at a creation.

Sentences without a page are those of ministack, measured on AWS.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import unique
from stack_lab import Stack, parameter
from waiting import until

GROUP = "AWS::SageMaker::ModelPackageGroup"


def bucket(**attributes: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "DeletionPolicy": "RetainExceptOnCreate", **attributes}


def group(name: str, **attributes: Any) -> dict[str, Any]:
    properties = {"ModelPackageGroupName": name, "ModelPackageGroupDescription": "kept"}
    return {"Type": GROUP, "DeletionPolicy": "RetainExceptOnCreate", "Properties": properties, **attributes}


def imported(logical_id: str, type_name: str, **identifier: str) -> dict[str, Any]:
    return {"LogicalResourceId": logical_id, "ResourceType": type_name, "ResourceIdentifier": identifier}


def import_into(stack: Stack, template: dict[str, Any], *resources: dict[str, Any]) -> str:
    """The change set's id."""
    return stack.change_set(template, ChangeSetType="IMPORT", ResourcesToImport=list(resources))


def outcome(stack: Stack, change_set: str) -> tuple[str, str]:
    found = stack.api.describe_change_set(ChangeSetName=change_set)
    return found["ExecutionStatus"], found.get("StatusReason", "")


@pytest.fixture
def retained(stack: Stack, aws: Any) -> dict[str, str]:
    """A key, a bucket and a group that a deleted stack left behind: their physical ids."""
    key = {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "Properties": {"KeyPolicy": {"Statement": []}}}
    template = {"Resources": {"Key": key, "Data": bucket(), "Group": group(stack.name), "Light": parameter()}}
    assert stack.created(template) == "CREATE_COMPLETE"
    held = stack.resources()
    assert stack.deleted() == "DELETE_COMPLETE"
    del held["Light"]
    return held


def test_deleted_stack_lists_what_it_left_behind(stack: Stack, retained: dict[str, str]) -> None:
    """ "ListStackResources": for deleted stacks it returns resource information for up to 90 days."""
    deleted = stack.api.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    (stack_id,) = [item["StackId"] for item in deleted if item["StackName"] == stack.name]
    found = stack.api.list_stack_resources(StackName=stack_id)["StackResourceSummaries"]
    statuses = {item["LogicalResourceId"]: item["ResourceStatus"] for item in found}
    assert statuses == dict.fromkeys(retained, "DELETE_SKIPPED") | {"Light": "DELETE_COMPLETE"}
    left = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found}
    assert {name: left[name] for name in retained} == retained
    assert stack.api.get_template(StackName=stack_id)["TemplateBody"]["Resources"].keys() == statuses.keys()


def test_summary_of_a_template_names_the_identifiers(stack: Stack) -> None:
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "PolicyDocument": {}}}
    template = {"Resources": {"Data": bucket(), "Logs": bucket(), "Group": group(stack.name), "P": policy}}
    found = stack.api.get_template_summary(TemplateBody=json.dumps(template))["ResourceIdentifierSummaries"]
    assert found == [
        {
            "ResourceType": "AWS::S3::Bucket",
            "LogicalResourceIds": ["Data", "Logs"],
            "ResourceIdentifiers": ["BucketName"],
        },
        {"ResourceType": GROUP, "LogicalResourceIds": ["Group"], "ResourceIdentifiers": ["ModelPackageGroupArn"]},
    ]


def test_summary_of_a_template_that_lacks_a_resource_is_refused(stack: Stack) -> None:
    lone = {"Resources": {"Data": bucket(Properties={"BucketName": {"Fn::Sub": "${AWS::AccountId}-${Logs}"}})}}
    with pytest.raises(ClientError, match=r"Unresolved resource dependencies \[Logs\] in the Resources block"):
        stack.api.get_template_summary(TemplateBody=json.dumps(lone))


def test_name_of_a_retained_group_fails_the_next_creation(stack: Stack, aws: Any, retained: dict[str, str]) -> None:
    assert stack.created({"Resources": {"Group": group(stack.name)}}) == "ROLLBACK_COMPLETE"
    assert "already exists" in stack.reason("Group", "CREATE_FAILED")
    assert aws("sagemaker").describe_model_package_group(ModelPackageGroupName=stack.name)


def test_import_creates_a_stack_that_goes_on_as_any_other(stack: Stack, aws: Any, retained: dict[str, str]) -> None:
    key = {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "Properties": {"KeyPolicy": {"Statement": []}}}
    resources = {"Key": key, "Data": bucket(), "Group": group(stack.name)}
    change_set = import_into(
        stack,
        {"Resources": resources},
        imported("Key", "AWS::KMS::Key", KeyId=retained["Key"]),
        imported("Data", "AWS::S3::Bucket", BucketName=retained["Data"]),
        imported("Group", GROUP, ModelPackageGroupArn=retained["Group"]),
    )
    changes = stack.api.describe_change_set(ChangeSetName=change_set)["Changes"]
    assert {change["ResourceChange"]["Action"] for change in changes} == {"Import"}
    stack.api.execute_change_set(ChangeSetName=change_set)
    assert until(lambda: stack.settled() != "REVIEW_IN_PROGRESS" and stack.settled()) == "IMPORT_COMPLETE"
    assert stack.resources() == retained
    assert stack.reason("Group", "IMPORT_COMPLETE") == "Resource import completed."

    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Group", "ModelPackageGroupArn"]}}}
    assert stack.updated({"Resources": resources | {"New": parameter()}, "Outputs": outputs}) == "UPDATE_COMPLETE"
    assert stack.describe()["Outputs"][0]["OutputValue"] == retained["Group"]
    assert retained.items() < stack.resources().items()


REFUSED = {
    "no deletion policy": (
        {"Data": {"Type": "AWS::S3::Bucket"}},
        "The following resources to import [Data] must have DeletionPolicy attribute specified in the template.",
    ),
    "a new resource": (
        {"Data": bucket(), "New": parameter()},
        "Resources [New] is missing from ResourceToImport list",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_templates(stack: Stack, retained: dict[str, str], case: str) -> None:
    resources, sentence = REFUSED[case]
    with pytest.raises(ClientError) as refusal:
        import_into(stack, {"Resources": resources}, imported("Data", "AWS::S3::Bucket", BucketName=retained["Data"]))
    assert refusal.value.response["Error"]["Message"] == sentence
    assert stack.settled() == "DELETE_COMPLETE", "a refusal leaves no stack behind"


def test_outputs_are_refused(stack: Stack, retained: dict[str, str]) -> None:
    template = {"Resources": {"Data": bucket()}, "Outputs": {"Name": {"Value": "x"}}}
    with pytest.raises(ClientError, match=r"you cannot modify or add \[Outputs\]"):
        import_into(stack, template, imported("Data", "AWS::S3::Bucket", BucketName=retained["Data"]))


def test_type_without_an_import_is_refused(stack: Stack) -> None:
    """AWS::IAM::Policy has no handler that reads (the registry's schema), so there is nothing to import."""
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
    properties = {"PolicyName": "p", "PolicyDocument": document, "Roles": ["r"]}
    template = {"Resources": {"P": {"Type": "AWS::IAM::Policy", "DeletionPolicy": "Retain", "Properties": properties}}}
    with pytest.raises(ClientError, match=r"ResourceTypes \[AWS::IAM::Policy\] are not supported for Import"):
        import_into(stack, template, imported("P", "AWS::IAM::Policy", Id="p"))
    daily = {"ScheduleExpression": "rate(1 day)"}
    rule = {"Type": "AWS::Events::Rule", "DeletionPolicy": "Retain", "Properties": daily}
    with pytest.raises(ClientError, match="the sandbox does not import AWS::Events::Rule"):
        import_into(stack, {"Resources": {"R": rule}}, imported("R", "AWS::Events::Rule", Arn="arn"))


def test_wrong_identifiers(stack: Stack, aws: Any, retained: dict[str, str]) -> None:
    template = {"Resources": {"Group": group(stack.name)}}
    with pytest.raises(ClientError, match=r"Expected \[ModelPackageGroupArn\]"):
        import_into(stack, template, imported("Group", GROUP, ModelPackageGroupName=stack.name))
    for wrong in (f"{retained['Group']}-other", stack.name):
        change_set = import_into(stack, template, imported("Group", GROUP, ModelPackageGroupArn=wrong))
        assert outcome(stack, change_set) == (
            "UNAVAILABLE",
            f"Resource of type '{GROUP}' with identifier '{wrong}' was not found.",
        )
        stack.deleted()


def test_resource_of_another_stack_stays_there(stack: Stack, aws: Any) -> None:
    owner = Stack(aws)
    assert owner.created({"Resources": {"Group": group(owner.name)}}) == "CREATE_COMPLETE"
    arn = owner.resources()["Group"]
    template = {"Resources": {"Group": group(owner.name)}}
    change_set = import_into(stack, template, imported("Group", GROUP, ModelPackageGroupArn=arn))
    assert outcome(stack, change_set) == (
        "UNAVAILABLE",
        f"{arn} already exists in stack {owner.describe()['StackId']}",
    )


def test_creation_adopts_names_but_no_arns(stack: Stack, aws: Any, retained: dict[str, str]) -> None:
    """ "Primary IDs with read only properties aren't supported" (Import AWS resources ... automatically)."""
    named = unique("bucket")
    aws("s3").create_bucket(Bucket=named)
    data = bucket(Properties={"BucketName": named})
    asked = {"ChangeSetType": "CREATE", "ImportExistingResources": True}
    assert stack.changed({"Resources": {"Data": data}}, **asked) == "CREATE_COMPLETE"
    assert stack.resources() == {"Data": named}
    other = Stack(aws)
    assert other.changed({"Resources": {"Group": group(stack.name)}}, **asked) == "ROLLBACK_COMPLETE"
    assert "already exists" in other.reason("Group", "CREATE_FAILED")


def test_termination_protection_keeps_a_stack(stack: Stack) -> None:
    """ "the deletion fails and the stack, including its status, remains unchanged" (Protect ... from being deleted)."""
    assert stack.created({"Resources": {"P": parameter()}}, EnableTerminationProtection=True) == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        stack.delete()
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE"
    stack.api.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
    assert stack.deleted() == "DELETE_COMPLETE"


def test_failed_creation_stays_protected(stack: Stack) -> None:
    """Termination protection stays on: it can be set "on a stack with any status" (the same page)."""
    taken = Stack(lambda service: stack.api)
    assert taken.created({"Resources": {"P": parameter("1", f"/{stack.name}/p")}}) == "CREATE_COMPLETE"
    template = {"Resources": {"P": parameter("1", f"/{stack.name}/p")}}
    assert stack.created(template, EnableTerminationProtection=True) == "ROLLBACK_COMPLETE"
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        stack.delete()
