"""The records of nested stacks, and the templates that they are made of.

Sources: "AWS::CloudFormation::Stack"; "Nested stacks" (capabilities are those of the root).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, handlers, helpers, provisioners

from sandbox.corrections.cloudformation.operations.resource_calls import Outcome
from sandbox.corrections.cloudformation.requests.query_xml import message
from sandbox.corrections.templates.reading import texts

NAMES = {
    "ministack.services.cloudformation": "_change_sets _stacks",
    "ministack.services.cloudformation.engine": "_apply_transforms _evaluate_conditions _parse_template "
    "_resolve_parameters validate_template_support",
    "ministack.services.cloudformation.handlers": "_insufficient_capabilities_message _missing_capabilities "
    "_required_iam_capabilities _resolve_stack _uses_macro",
    "ministack.services.cloudformation.helpers": "_resolve_template",
    "ministack.services.cloudformation.provisioners": "_tag_map",
}
OVERRIDES: dict[str, str] = {}
_LONGEST_NAME = 128
_TEMPLATE_LISTS = "Value of property Parameters must be an object with String (or simple type) properties"


@dataclass(frozen=True)
class Source:
    """The template of a nested stack with its parameters."""

    text: str
    template: dict[str, Any]
    parameters: dict[str, dict[str, Any]]


def read(properties: Mapping[str, Any], capabilities: Collection[str], unknown: Collection[str] = ()) -> Source:
    """Read and check the template; `unknown` are parameters without a value before the execution. Raises ValueError."""
    stated = properties.get("Parameters") or {}
    if any(isinstance(value, list | dict) for value in stated.values()):
        raise ValueError(_TEMPLATE_LISTS)
    given = [{"Key": name, "Value": texts(value)} for name, value in stated.items() if name not in unknown]
    text, refusal = helpers._resolve_template({"TemplateURL": [properties["TemplateURL"]]})
    if refusal is not None:
        raise ValueError(message(refusal))
    template = engine._apply_transforms(engine._parse_template(text), given)
    if missing := handlers._missing_capabilities(set(capabilities), _required_capabilities(template)):
        raise ValueError(handlers._insufficient_capabilities_message(missing))
    declared = template.get("Parameters", {})
    known = {name: declaration for name, declaration in declared.items() if name not in unknown}
    parameters = engine._resolve_parameters({**template, "Parameters": known}, given)
    for name in unknown:
        parameters[name] = {
            "Value": stated[name],
            "NoEcho": False,
            "Type": declared.get(name, {}).get("Type", "String"),
        }
    engine.validate_template_support(template, engine._evaluate_conditions(template, parameters), params=parameters)
    return Source(text, template, parameters)


def _required_capabilities(template: dict[str, Any]) -> list[str]:
    macros = ["CAPABILITY_AUTO_EXPAND"] if handlers._uses_macro(template) else []
    return [*handlers._required_iam_capabilities(template), *macros]


def new_stack(logical_id: str, parent: Mapping[str, Any]) -> dict:
    """The record of a nested stack that has no resources yet."""
    ending = new_uuid().replace("-", "")[:12].upper()
    name = f"{parent['StackName']}-{logical_id}"[: _LONGEST_NAME - len(ending) - 1] + f"-{ending}"
    return {
        "StackName": name,
        "StackId": f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:stack/{name}/{new_uuid()}",
        "StackStatus": "REVIEW_IN_PROGRESS",
        "StackStatusReason": "",
        "CreationTime": now_iso(),
        "ParentId": parent["StackId"],
        "RootId": parent.get("RootId") or parent["StackId"],
        "Outputs": [],
        "DisableRollback": parent.get("DisableRollback", False),
        "_logical_id": logical_id,
        "_region": get_region(),
        "_resources": {},
        "_template": {},
        "_resolved_params": {},
        "_conditions": {},
    }


def describe(stack: dict, parent: dict, properties: dict, source: Source) -> None:
    """Put into the record what DescribeStacks shows of the operation."""
    stack |= {
        "LastUpdatedTime": now_iso(),
        "Description": source.template.get("Description", ""),
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value["Value"], "NoEcho": value["NoEcho"]}
            for name, value in source.parameters.items()
        ],
        "Tags": tags_of(properties),
        "Capabilities": list(parent.get("Capabilities", [])),
        "RoleARN": parent.get("RoleARN"),
        "NotificationARNs": properties.get("NotificationARNs", []),
        "TimeoutInMinutes": int(properties.get("TimeoutInMinutes", 0)),
        "_template_body": source.text,
    }


def tags_of(properties: Mapping[str, Any]) -> list[dict[str, str]]:
    """The stack tags of a nested stack.

    CloudFormation makes those with `aws:` anew for each stack.
    """
    tags = provisioners._tag_map(properties.get("Tags"))
    return [{"Key": key, "Value": value} for key, value in tags.items() if not key.startswith("aws:")]


def outcome_of(stack: dict) -> Outcome:
    outputs = {f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in stack["Outputs"]}
    return Outcome(stack["StackId"], outputs, "")


def found(physical_id: str) -> dict:
    stack = handlers._resolve_stack(physical_id)
    if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
        raise ValueError(f"Stack [{physical_id}] does not exist")
    return stack


def child_of(stack_id: str, logical_id: str) -> dict | None:
    for stack in cloudformation._stacks.values():
        of = (stack.get("ParentId"), stack.get("_logical_id"))
        if of == (stack_id, logical_id) and stack["StackStatus"] != "DELETE_COMPLETE":
            return stack
    return None


def reviewed(logical_id: str, parent: dict) -> dict | None:
    """The record of a nested stack that a change set has named."""
    for change_set in cloudformation._change_sets.values():
        planned = change_set.get("_stack", {})
        if (planned.get("ParentId"), planned.get("_logical_id")) == (parent["StackId"], logical_id):
            return planned if planned["StackStatus"] == "REVIEW_IN_PROGRESS" else None
    return None


def unfinished_child(logical_id: str, properties: dict, stack_name: str) -> str | None:
    child = child_of(cloudformation._stacks[stack_name]["StackId"], logical_id)
    return child["StackId"] if child else None
