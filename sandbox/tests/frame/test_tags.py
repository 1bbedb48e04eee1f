"""Tags of SageMaker's resources."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from iam_lab import refusal
from job_lab import unique
from template_lab import Stack, resource, template


@pytest.fixture
def group(aws: Any) -> str:
    tags = [{"Key": "team", "Value": "digits"}]
    answer = aws("sagemaker").create_model_package_group(ModelPackageGroupName=unique("group"), Tags=tags)
    return answer["ModelPackageGroupArn"]


def tags_of(aws: Any, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in aws("sagemaker").list_tags(ResourceArn=arn)["Tags"]}


def test_tags_of_the_creation_are_listed(aws: Any, group: str) -> None:
    assert tags_of(aws, group) == {"team": "digits"}


def test_adding_replaces_the_value_of_a_key(aws: Any, group: str) -> None:
    sagemaker = aws("sagemaker")
    added = sagemaker.add_tags(
        ResourceArn=group, Tags=[{"Key": "team", "Value": "letters"}, {"Key": "cost", "Value": ""}]
    )
    assert added["Tags"] == [{"Key": "team", "Value": "letters"}, {"Key": "cost", "Value": ""}]
    assert tags_of(aws, group) == {"team": "letters", "cost": ""}


def test_a_51st_tag_is_refused_and_changes_nothing(aws: Any, group: str) -> None:
    sagemaker = aws("sagemaker")
    sagemaker.add_tags(ResourceArn=group, Tags=[{"Key": f"key-{each}", "Value": ""} for each in range(49)])
    with pytest.raises(ClientError, match="would have 51 tags; a resource may have 50"):
        sagemaker.add_tags(ResourceArn=group, Tags=[{"Key": "one-more", "Value": ""}])
    sagemaker.add_tags(ResourceArn=group, Tags=[{"Key": "team", "Value": "letters"}])
    assert len(tags_of(aws, group)) == 50


def test_deleting_leaves_the_rest(aws: Any, group: str) -> None:
    sagemaker = aws("sagemaker")
    sagemaker.add_tags(ResourceArn=group, Tags=[{"Key": "cost", "Value": "1"}])
    sagemaker.delete_tags(ResourceArn=group, TagKeys=["team", "unknown"])
    assert tags_of(aws, group) == {"cost": "1"}


def test_a_deleted_resource_keeps_no_tags(aws: Any, group: str) -> None:
    sagemaker = aws("sagemaker")
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    assert refusal(sagemaker.list_tags, ResourceArn=group)[0] == "ValidationException"
    tagged = aws("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["sagemaker"])
    assert group not in [found["ResourceARN"] for found in tagged["ResourceTagMappingList"]]


def test_the_tagging_api_finds_them(aws: Any, group: str) -> None:
    tagging = aws("resourcegroupstaggingapi")
    found = tagging.get_resources(ResourceTypeFilters=["sagemaker"])["ResourceTagMappingList"]
    assert {"ResourceARN": group, "Tags": [{"Key": "team", "Value": "digits"}]} in found


ABSENT = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/absent"


@pytest.mark.parametrize(
    ("operation", "more"),
    [("add_tags", {"Tags": [{"Key": "a", "Value": ""}]}), ("list_tags", {}), ("delete_tags", {"TagKeys": ["a"]})],
)
def test_tags_of_nothing_are_refused(aws: Any, operation: str, more: dict[str, Any]) -> None:
    code, message = refusal(getattr(aws("sagemaker"), operation), ResourceArn=ABSENT, **more)
    assert (code, message) == ("ValidationException", f"Could not find a resource with the ARN {ABSENT}.")


TARGET = "arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/absent"
RESERVED = "Tag keys that begin with aws: are reserved for AWS: aws:team. Choose other keys."


def test_keys_of_aws_are_refused(aws: Any, group: str) -> None:
    sagemaker, tags = aws("sagemaker"), [{"Key": "aws:team", "Value": "digits"}]
    for call, request in (
        (sagemaker.add_tags, {"ResourceArn": group, "Tags": tags}),
        (sagemaker.delete_tags, {"ResourceArn": group, "TagKeys": ["aws:team"]}),
        (sagemaker.create_model_package_group, {"ModelPackageGroupName": unique("group"), "Tags": tags}),
    ):
        assert refusal(call, **request) == ("ValidationException", RESERVED)
    scaling = aws("application-autoscaling").tag_resource
    assert refusal(scaling, ResourceARN=TARGET, Tags={"aws:team": "digits"}) == ("ValidationException", RESERVED)


@pytest.mark.parametrize(
    "tag",
    [{"Key": "k" * 129, "Value": ""}, {"Key": "k", "Value": "v" * 257}],
)
def test_keys_and_values_have_their_lengths(aws: Any, group: str, tag: dict[str, str]) -> None:
    code, message = refusal(aws("sagemaker").add_tags, ResourceArn=group, Tags=[tag])
    assert (code, "Member must have length" in message) == ("ValidationException", True)


def test_fifty_tags_of_a_stack_are_listed_in_pages(aws: Any, stack: Stack) -> None:
    """CloudFormation adds tags of its own, which do not count."""
    tags = [{"Key": f"key-{each}", "Value": ""} for each in range(50)]
    body = template(Group=resource("AWS::SageMaker::ModelPackageGroup", ModelPackageGroupName=unique("g"), Tags=tags))
    stack.deploy(body)
    arn, sagemaker = stack.physical_id("Group"), aws("sagemaker")
    pages = list(sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn))
    assert len(pages[0]["Tags"]) == 50
    keys = [tag["Key"] for page in pages for tag in page["Tags"]]
    assert {tag["Key"] for tag in tags} < set(keys)
    assert len(keys) == len(set(keys))
    assert "would have 51 tags" in refusal(sagemaker.add_tags, ResourceArn=arn, Tags=[{"Key": "more", "Value": ""}])[1]
    assert refusal(sagemaker.list_tags, ResourceArn=arn, NextToken="again")[0] == "ValidationException"


def test_a_template_with_too_many_tags_is_refused(stack: Stack) -> None:
    tags = [{"Key": f"key-{each}", "Value": ""} for each in range(51)]
    group = resource("AWS::SageMaker::ModelPackageGroup", ModelPackageGroupName=unique("g"), Tags=tags)
    with pytest.raises(ClientError, match="Tags must have 50 items or fewer, not 51"):
        stack.deploy(template(Group=group))


def test_a_stack_is_refused_what_the_service_refuses(stack: Stack) -> None:
    tags = [{"Key": "aws:team", "Value": "digits"}]
    group = resource("AWS::SageMaker::ModelPackageGroup", ModelPackageGroupName=unique("g"), Tags=tags)
    with pytest.raises(WaiterError):
        stack.deploy(template(Group=group))
    events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    assert RESERVED in " ".join(event.get("ResourceStatusReason", "") for event in events)
