"""Stack tags on every taggable type, and CloudFormation's own where the type's schema says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sandbox.corrections.templates.honoured import HONOURED
from sandbox.corrections.templates.schemas import schema
from stack_lab import Stack

from sandbox import catalogue

Aws = Callable[[str], Any]
Read = Callable[[Aws, str], Any]

RESOURCES: Mapping[str, dict[str, Any]] = {
    "Group": {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": "stack-tags"}},
    "Rule": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["tags"]}}},
    "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "stack-tags"}},
    "Queue": {"Type": "AWS::SQS::Queue"},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "1"}},
    "Log": {"Type": "AWS::Logs::LogGroup"},
}


def _rule(aws: Aws, name: str) -> Any:
    return aws("events").list_tags_for_resource(ResourceARN=aws("events").describe_rule(Name=name)["Arn"])["Tags"]


def _bus(aws: Aws, name: str) -> Any:
    return aws("events").list_tags_for_resource(ResourceARN=aws("events").describe_event_bus(Name=name)["Arn"])["Tags"]


def _log(aws: Aws, name: str) -> Any:
    (found,) = aws("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return aws("logs").list_tags_for_resource(resourceArn=found["arn"].removesuffix(":*"))["tags"]


READS: Mapping[str, Read] = {
    "Group": lambda aws, arn: aws("sagemaker").list_tags(ResourceArn=arn)["Tags"],
    "Rule": _rule,
    "Bus": _bus,
    "Queue": lambda aws, url: aws("sqs").list_queue_tags(QueueUrl=url).get("Tags", {}),
    "Topic": lambda aws, arn: aws("sns").list_tags_for_resource(ResourceArn=arn)["Tags"],
    "Parameter": lambda aws, name: aws("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=name)[
        "TagList"
    ],
    "Log": _log,
}


@pytest.fixture
def stack(aws: Aws) -> Any:
    created = Stack(aws)
    yield created
    created.deleted()


def test_the_tags_of_a_stack_come_change_and_go(aws: Aws, stack: Stack) -> None:
    template = {"Resources": RESOURCES}
    assert stack.created(template, Tags=_tags(team="vision", cost="1")) == "CREATE_COMPLETE"
    assert {name: _own(aws, stack, name) for name in READS} == {name: {"team": "vision", "cost": "1"} for name in READS}
    assert stack.updated(template, Tags=_tags(team="words")) == "UPDATE_COMPLETE"
    assert {name: _own(aws, stack, name) for name in READS} == {name: {"team": "words"} for name in READS}


def test_a_resources_own_tag_has_precedence(aws: Aws, stack: Stack) -> None:
    own = {"Type": "AWS::SQS::Queue", "Properties": {"Tags": _tags(team="mine")}}
    stack.created({"Resources": {"Queue": own}}, Tags=_tags(team="vision", cost="1"))
    assert _own(aws, stack, "Queue") == {"team": "mine", "cost": "1"}


def test_cloudformations_own_tags_only_where_the_schema_says_so(aws: Aws, stack: Stack) -> None:
    stack.created({"Resources": RESOURCES})
    wanted = {f"aws:cloudformation:{name}" for name in ("stack-name", "stack-id", "logical-id")}
    found = {name: {key for key in _all(aws, stack, name) if key.startswith("aws:")} for name in READS}
    assert found == {name: set() if name == "Queue" else wanted for name in READS}


def test_every_taggable_type_of_the_table_takes_tags() -> None:
    """Otherwise a type that AWS tags would lose a stack's tags in silence."""
    honoured = {name: row.properties for name, row in HONOURED.items()}
    for service in catalogue.declared():
        honoured |= {name: handler.properties for name, handler in service.resource_types.items()}
    lost = {
        name
        for name, properties in honoured.items()
        if (known := schema(name)) and known.tag_property and known.tag_property not in properties
    }
    assert lost == UNTAGGED


UNTAGGED = {"AWS::CloudWatch::Dashboard"}
"""CloudWatch of ministack has no tags of dashboards; COVERAGE.md says so."""


def _tags(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _all(aws: Aws, stack: Stack, name: str) -> dict[str, str]:
    found = READS[name](aws, stack.resources()[name])
    return found if isinstance(found, dict) else {tag["Key"]: tag["Value"] for tag in found}


def _own(aws: Aws, stack: Stack, name: str) -> dict[str, str]:
    return {key: value for key, value in _all(aws, stack, name).items() if not key.startswith("aws:")}
