"""The plan of an adoption: what was left behind by which stack, and the reasons why there is no way back."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from operations.environment import adoption
from operations.environment.assembly import Assembly
from operations.errors import BadInput

STACK, TYPE, KEY = "slipway-prod-foundation", "AWS::S3::Bucket", "AWS::KMS::Key"
IDENTIFIERS = {TYPE: "BucketName", KEY: "KeyId"}


def bucket(days: int = 30, **attributes: Any) -> dict[str, Any]:
    properties = {"Days": days, "EncryptedBy": {"Ref": "Key"}}
    return {"Type": TYPE, "Properties": properties, "DeletionPolicy": "RetainExceptOnCreate", **attributes}


TEMPLATE = {
    "Data": bucket(days=60, DependsOn=["Light"], Condition="IsThere"),
    "Key": {"Type": KEY, "DeletionPolicy": "RetainExceptOnCreate"},
    "Light": {"Type": "AWS::SNS::Topic"},
}


@dataclass
class FakeCloudFormation:
    """Deleted stacks with what they left behind, and existing ones with what they hold."""

    deleted: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    existing: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    left_by_existing: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=lambda: dict(IDENTIFIERS))

    def client(self, service: str) -> Any:
        assert service == "cloudformation"
        return self

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **arguments: [getattr(self, operation)(**arguments)])

    def describe_stacks(self) -> dict[str, Any]:
        stacks = [{"StackName": name, "StackId": name, "StackStatus": status} for name, status in self.existing.items()]
        return {"Stacks": stacks}

    def list_stacks(self, StackStatusFilter: list[str]) -> dict[str, Any]:
        assert StackStatusFilter == ["DELETE_COMPLETE"]
        days = [
            {"StackName": STACK, "StackId": name, "DeletionTime": datetime(2026, 11, day, tzinfo=UTC)}
            for day, (name, _) in enumerate(self.deleted, 1)
        ]
        return {"StackSummaries": days}

    def list_stack_resources(self, StackName: str) -> dict[str, Any]:
        held = self.held if StackName in self.existing else {}
        return {
            "StackResourceSummaries": [
                {"LogicalResourceId": name, "PhysicalResourceId": value, "ResourceStatus": "CREATE_COMPLETE"}
                for name, value in held.items()
            ]
        }

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:
        left = {**dict(self.deleted), **dict.fromkeys(self.existing, self.left_by_existing)}[StackName]
        gone = {"LogicalResourceId": "Light", "ResourceType": "AWS::SNS::Topic", "PhysicalResourceId": "gone"}
        skipped = [
            {
                "LogicalResourceId": name,
                "ResourceType": TEMPLATE[name]["Type"],
                "PhysicalResourceId": value,
                "ResourceStatus": "DELETE_SKIPPED",
            }
            for name, value in left.items()
        ]
        earlier = [{**event, "PhysicalResourceId": "replaced before"} for event in skipped]
        return {"StackEvents": [{**gone, "ResourceStatus": "DELETE_COMPLETE"}, *skipped, *earlier]}

    def get_template(self, StackName: str) -> dict[str, Any]:
        return {"TemplateBody": {"Resources": {"Data": bucket(days=30)}}}

    def get_template_summary(self, TemplateBody: str) -> dict[str, Any]:
        resources = json.loads(TemplateBody)["Resources"]
        referred = set(re.findall(r'"Ref": "(\w+)"', TemplateBody))
        assert referred <= resources.keys(), "Template format error: Unresolved resource dependencies"
        return {
            "ResourceIdentifierSummaries": [
                {"LogicalResourceIds": [name], "ResourceIdentifiers": [self.types[resource["Type"]]]}
                for name, resource in resources.items()
                if resource["Type"] in self.types
            ]
        }


def find(aws: FakeCloudFormation, tmp_path: Path, *chosen: str) -> tuple[adoption.Adoption, ...]:
    (tmp_path / "template.json").write_text(json.dumps({"Resources": TEMPLATE}))
    return adoption.find(aws, Assembly(tmp_path, {STACK: "template.json"}), chosen)  # type: ignore[arg-type]


LEFT = {"Data": "bucket-1", "Key": "key-1"}


def test_plan_has_the_former_properties_and_the_identifiers(tmp_path: Path) -> None:
    (found,) = find(FakeCloudFormation(deleted=[("first", LEFT)]), tmp_path)
    assert found.identifiers == {"Data": {"BucketName": "bucket-1"}, "Key": {"KeyId": "key-1"}}
    assert found.definitions == {"Data": bucket(days=30), "Key": TEMPLATE["Key"]}
    assert (found.stack, found.origin.stack_id, found.failed) == (STACK, "first", None)


def test_definition_that_is_new_names_nothing_that_is_not_imported(tmp_path: Path) -> None:
    aws = FakeCloudFormation(deleted=[("first", LEFT)])
    aws.get_template = lambda StackName: {"TemplateBody": "yaml"}  # type: ignore[method-assign]
    (found,) = find(aws, tmp_path)
    assert found.definitions["Data"] == bucket(days=60)


def test_failed_creation_goes_first(tmp_path: Path) -> None:
    aws = FakeCloudFormation(deleted=[("first", LEFT)], existing={STACK: "ROLLBACK_COMPLETE"})
    (found,) = find(aws, tmp_path)
    assert found.failed == STACK


@pytest.mark.parametrize(
    "aws",
    [
        FakeCloudFormation(),
        FakeCloudFormation(deleted=[("first", {})]),
        FakeCloudFormation(deleted=[("first", LEFT)], existing={STACK: "UPDATE_COMPLETE"}, held=LEFT),
    ],
    ids=["nothing was ever there", "nothing was left behind", "adopted already"],
)
def test_nothing_to_adopt(tmp_path: Path, aws: FakeCloudFormation) -> None:
    assert find(aws, tmp_path) == ()


def test_resource_that_left_an_existing_stack_comes_back(tmp_path: Path) -> None:
    """A table of the file was removed, and is there again: the stack's own events name what it had retained."""
    aws = FakeCloudFormation(existing={STACK: "UPDATE_COMPLETE"}, held={"Key": "key-1"}, left_by_existing=LEFT)
    (found,) = find(aws, tmp_path)
    assert (found.identifiers, found.failed) == ({"Data": {"BucketName": "bucket-1"}}, None)


TWICE = [("first", LEFT), ("second", {"Data": "bucket-2", "Key": "key-2"})]


def test_stack_that_was_destroyed_twice(tmp_path: Path) -> None:
    same = FakeCloudFormation(deleted=[("first", LEFT), ("second", LEFT)])
    assert find(same, tmp_path)[0].origin.stack_id == "second"
    aws = FakeCloudFormation(deleted=TWICE)
    with pytest.raises(BadInput) as refused:
        find(aws, tmp_path)
    assert str(refused.value).splitlines() == [
        f"Several deleted stacks {STACK} left resources behind. Say which ones come back:",
        "  --from second  Data bucket-2, Key key-2",
        "  --from first  Data bucket-1, Key key-1",
    ]
    assert find(aws, tmp_path, "first")[0].identifiers["Key"] == {"KeyId": "key-1"}


REFUSED = {
    "unknown id": (FakeCloudFormation(deleted=TWICE), ("third",), "--from third is the id of no stack"),
    "busy": (
        FakeCloudFormation(deleted=[("first", LEFT)], existing={STACK: "UPDATE_IN_PROGRESS"}),
        (),
        f"Stack {STACK} is UPDATE_IN_PROGRESS: wait for its operation or delete the stack",
    ),
    "half deleted": (
        FakeCloudFormation(deleted=[("first", LEFT)], existing={STACK: "DELETE_FAILED"}),
        (),
        f"Stack {STACK} is DELETE_FAILED",
    ),
    "no import": (
        FakeCloudFormation(deleted=[("first", LEFT)], types={TYPE: "BucketName"}),
        (),
        f"{STACK} retains {KEY}, which CloudFormation cannot import.",
    ),
    "several properties identify it": (
        FakeCloudFormation(deleted=[("first", LEFT)], types=IDENTIFIERS | {KEY: "Region,KeyId"}),
        (),
        f"{STACK} retains {KEY}, which",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(tmp_path: Path, case: str) -> None:
    aws, chosen, sentence = REFUSED[case]
    with pytest.raises(BadInput) as refused:
        find(aws, tmp_path, *chosen)
    assert sentence in str(refused.value)
