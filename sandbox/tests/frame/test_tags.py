"""Tags of SageMaker's resources."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import unique


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
    aws("sagemaker").delete_model_package_group(ModelPackageGroupName=group)
    assert tags_of(aws, group) == {}


def test_the_tagging_api_finds_them(aws: Any, group: str) -> None:
    tagging = aws("resourcegroupstaggingapi")
    found = tagging.get_resources(ResourceTypeFilters=["sagemaker"])["ResourceTagMappingList"]
    assert {"ResourceARN": group, "Tags": [{"Key": "team", "Value": "digits"}]} in found
