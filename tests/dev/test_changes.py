"""The changes of a deploy: resources that come, go or differ, and the parts that differ."""

from __future__ import annotations

from typing import Any

import pytest

from dev.changes import changes

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1, "VisibilityTimeout": 30}}
TOPIC = {"Type": "AWS::SNS::Topic"}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources, "Outputs": {"Name": {"Value": "a"}}}


@pytest.mark.parametrize(
    ("deployed", "assembly", "said"),
    [
        (None, template(Jobs=QUEUE, News=TOPIC), ["+  the stack, with 2 resources"]),
        (template(Jobs=QUEUE), template(Jobs=QUEUE, News=TOPIC), ["+  AWS::SNS::Topic News"]),
        (template(Jobs=QUEUE, News=TOPIC), template(Jobs=QUEUE), ["-  AWS::SNS::Topic News"]),
        (
            template(Jobs=QUEUE),
            template(Jobs={**QUEUE, "Properties": {"DelaySeconds": 2, "QueueName": "jobs"}}),
            ["~  AWS::SQS::Queue Jobs  DelaySeconds, QueueName, VisibilityTimeout"],
        ),
        (template(News=TOPIC), template(News=TOPIC | {"DependsOn": "Jobs"}), ["~  AWS::SNS::Topic News  DependsOn"]),
        (
            template(News=TOPIC),
            template(News=QUEUE),
            ["~  AWS::SQS::Queue News  DelaySeconds, VisibilityTimeout, Type"],
        ),
        (template(News=TOPIC), template(News=TOPIC) | {"Outputs": {}}, ["~  Outputs  Name"]),
        (template(News=TOPIC), template(News=TOPIC) | {"Description": "x"}, ["~  Description"]),
    ],
)
def test_said(deployed: dict[str, Any] | None, assembly: dict[str, Any], said: list[str]) -> None:
    found = changes({"stack": deployed}, {"stack": assembly})
    assert [str(change) for change in found["stack"]] == said


def test_stacks_without_a_change_are_left_out() -> None:
    assert changes({"stack": template(News=TOPIC)}, {"stack": template(News=TOPIC)}) == {}
