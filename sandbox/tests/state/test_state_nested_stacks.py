"""A kill -9 in the midst of operations on nested stacks: the parents' recovery ends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from own_sandbox import OwnSandbox
from sandboxes import NewSandbox
from stack_lab import Provider, Stack, parameter
from waiting import until


@pytest.fixture(scope="module")
def own(new_sandbox: NewSandbox) -> Iterator[OwnSandbox]:
    with new_sandbox().running() as sandbox:
        yield sandbox


def parent(own: OwnSandbox, key: str, template: dict[str, Any], **more: Any) -> dict[str, Any]:
    own.aws("s3").put_object(Bucket="nested", Key=key, Body=json.dumps(template))
    url = f"https://s3.amazonaws.com/nested/{key}"
    return {"Resources": {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}, **more}}


def test_interrupted_operations_are_rolled_back(own: OwnSandbox) -> None:
    own.aws("s3").create_bucket(Bucket="nested")
    provider = Provider(own.aws)
    slow = provider.resource("Light")
    updated, done, created = Stack(own.aws), Stack(own.aws), Stack(own.aws)
    for stack in (updated, done):
        first = parent(own, stack.name, {"Resources": {"Light": parameter("one")}})
        assert stack.created(first) == "CREATE_COMPLETE"
    changed = {"Light": parameter("two"), "New": parameter()}
    updated.update(parent(own, "slow", {"Resources": {**changed, "Slow": slow}}))
    done.update(parent(own, "done", {"Resources": changed}, Slow=provider.resource("Child")))
    created.create(parent(own, "new", {"Resources": {"Light": parameter("one"), "Slow": slow}}))
    children = [Stack(own.aws, stack.resources()["Child"]) for stack in (updated, done)]
    lights = [child.resources()["Light"] for child in children]
    until(lambda: children[1].describe()["StackStatus"] == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    until(lambda: len(own.aws("ssm").describe_parameters()["Parameters"]) == 5)
    until(lambda: provider._receive() or len(provider.waiting) == 3)
    own.saved()
    own.kill()
    own.up()
    assert [stack.settled() for stack in (updated, done)] == ["UPDATE_ROLLBACK_COMPLETE"] * 2
    assert [child.settled() for child in children] == ["UPDATE_ROLLBACK_COMPLETE"] * 2
    assert created.settled() == "ROLLBACK_COMPLETE"
    found = own.aws("ssm").get_parameters(Names=lights)["Parameters"]
    assert [each["Value"] for each in found] == ["one", "one"]
    names = {each["Name"] for each in own.aws("ssm").describe_parameters()["Parameters"]}
    assert names - {"/test/saved"} == set(lights)
    again = parent(own, "again", {"Resources": {"Light": parameter("three")}})
    assert updated.updated(again) == "UPDATE_COMPLETE"
