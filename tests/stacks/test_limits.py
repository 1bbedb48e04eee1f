"""docs/limits.md: what the templates take of AWS's limits, and at how many models each is reached.

The numbers are those of the reference model, in the environment in which it takes most. A limit that one model comes
close to fails here, long before a deploy does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from reference_model import MODEL_STACKS, SHARED_STACKS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "limits.md"
ENOUGH = 50
"""Models that an account must have room for."""
ARN, PSEUDO_PARAMETER = 120, 12
"""Characters."""
MOST = 0.75
"""The share of a limit of one stack, policy or definition that may be used."""
Template = dict[str, Any]
Templates = dict[str, Template]


def of_type(*types: str) -> Callable[[Template], int]:
    return lambda template: sum(resource["Type"] in types for resource in template["Resources"].values())


COUNTED: dict[str, tuple[Callable[[Template], int], int]] = {
    "stacks": (lambda template: 1, 1),
    "IAM roles": (of_type("AWS::IAM::Role"), 5),
    "rules of the default event bus": (of_type("AWS::Events::Rule"), 3),
    "scalable targets": (of_type("AWS::ApplicationAutoScaling::ScalableTarget"), 0),
    "CloudWatch alarms": (
        lambda template: (
            of_type("AWS::CloudWatch::Alarm")(template)
            + 2 * of_type("AWS::ApplicationAutoScaling::ScalingPolicy")(template)
        ),
        0,
    ),
    "state machines": (of_type("AWS::StepFunctions::StateMachine"), 0),
    "log groups": (of_type("AWS::Logs::LogGroup"), 0),
}
"""The count in a template, and what the account has besides: the CDK's bootstrap, Step Functions' own rules.

Target tracking makes two alarms for each policy.
"""


def size(value: Any) -> int:
    """The length of a value on AWS, with references as long as an ARN."""
    found = resolved(value)
    return len(found if isinstance(found, str) else json.dumps(found, separators=(",", ":")))


def resolved(value: Any) -> Any:
    match value:
        case {"Fn::Join": [separator, parts]}:
            return separator.join(str(resolved(part)) for part in parts)
        case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::ImportValue": _}:
            return "x" * (ARN if not str(value.get("Ref")).startswith("AWS::") else PSEUDO_PARAMETER)
        case dict():
            return {name: resolved(member) for name, member in value.items()}
        case list():
            return [resolved(item) for item in value]
    return value


def lengths(templates: Templates, kind: str, name: str) -> Iterator[int]:
    """The lengths of a property of a resource type."""
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] == kind and name in resource["Properties"]:
                yield size(resource["Properties"][name])


def inline_policies(templates: Templates) -> Iterator[int]:
    """The characters of all inline policies of each role."""
    for template in templates.values():
        total: dict[str, int] = {}
        for logical_id, resource in template["Resources"].items():
            properties = resource["Properties"]
            if resource["Type"] == "AWS::IAM::Role":
                documents = (policy["PolicyDocument"] for policy in properties.get("Policies", []))
                total[logical_id] = total.get(logical_id, 0) + sum(size(document) for document in documents)
            if resource["Type"] == "AWS::IAM::Policy":
                for role in properties["Roles"]:
                    name = role["Ref"] if isinstance(role, dict) else role
                    total[name] = total.get(name, 0) + size(properties["PolicyDocument"])
        yield from total.values()


def largest(section: str) -> Callable[[Templates], Iterator[int]]:
    return lambda templates: (len(template.get(section, {})) for template in templates.values())


def longest(kind: str, name: str) -> Callable[[Templates], Iterator[int]]:
    return lambda templates: lengths(templates, kind, name)


MEASURED: dict[str, Callable[[Templates], Iterator[int]]] = {
    "resources of a stack": largest("Resources"),
    "outputs of a stack": largest("Outputs"),
    "parameters of a stack": largest("Parameters"),
    "bytes of a template": lambda templates: (len(json.dumps(template)) for template in templates.values()),
    "bytes of a state machine's definition": longest("AWS::StepFunctions::StateMachine", "DefinitionString"),
    "characters of a role's inline policies": inline_policies,
    "characters of a role's trust policy": longest("AWS::IAM::Role", "AssumeRolePolicyDocument"),
    "characters of an event pattern": longest("AWS::Events::Rule", "EventPattern"),
    "bytes of a key policy": longest("AWS::KMS::Key", "KeyPolicy"),
    "bytes of a bucket policy": longest("AWS::S3::BucketPolicy", "PolicyDocument"),
}


@dataclass(frozen=True)
class Row:
    """A row of the page: its cells after the first."""

    limit: int
    cells: tuple[str, ...]


def rows(heading: str) -> dict[str, Row]:
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {name: Row(int(limit.replace(",", "")), tuple(more)) for name, limit, *more in cells}


def used(variants: dict[str, Templates], count: Callable[[Template], int]) -> tuple[int, int]:
    """The most that a model takes, and the most that an environment shares."""
    model = max(sum(count(templates[stack]) for stack in MODEL_STACKS) for templates in variants.values())
    shared = max(sum(count(templates[stack]) for stack in SHARED_STACKS) for templates in variants.values())
    return model, shared


@pytest.mark.parametrize("name", COUNTED)
def test_an_account_has_room_for_many_models(variants: dict[str, Templates], name: str) -> None:
    count, besides = COUNTED[name]
    model, shared = used(variants, count)
    row = rows("Of an account")[name]
    reached = (row.limit - shared - besides) // model
    assert row.cells[:3] == (str(model), str(shared + besides), f"{reached:,}"), f"docs/limits.md, {name}"
    assert reached >= ENOUGH


@pytest.mark.parametrize("name", MEASURED)
def test_no_stack_is_near_a_limit(variants: dict[str, Templates], name: str) -> None:
    """Sizes are rounded up to a hundred in the page, because references are estimated."""
    most = max(size for templates in variants.values() for size in MEASURED[name](templates))
    row = rows("Of one stack, policy or definition")[name]
    shown = most if row.limit <= 500 else -(-most // 100) * 100
    assert row.cells[0] == f"{shown:,}", f"docs/limits.md, {name}"
    assert most <= MOST * row.limit


def test_every_limit_is_in_the_page() -> None:
    assert rows("Of an account").keys() == COUNTED.keys()
    assert rows("Of one stack, policy or definition").keys() == MEASURED.keys()


def test_shared_stacks_do_not_grow_with_models(variants: dict[str, Templates], specs: Any, synthesize: Any) -> None:
    local = specs.environment("local")
    templates = synthesize(local, specs.models)
    assert len(specs.models) > 1
    for stack in SHARED_STACKS:
        assert templates[f"slipway-local-{stack}"] == variants["local"][stack]
