"""Stack policies: what an update may do with each resource.

Source: AWS CloudFormation User Guide, "Prevent updates to stack resources": a stack with a policy denies each action
that no statement allows, and a denial outweighs. The sentences are AWS's as clients report them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]

_DENIED, _NOT_ALLOWED = "Action denied by stack policy", "Action not allowed by stack policy"


def refusal(policy: str, action: str, logical_id: str, type_name: str) -> str:
    """The reason why a policy refuses an action ("Update:Modify"), or empty."""
    if not policy:
        return ""
    place = f"LogicalResourceId/{logical_id}"
    applying = [
        (number, statement)
        for number, statement in enumerate(_listed(json.loads(policy)["Statement"]), 1)
        if _applies(statement, action, place, type_name)
    ]
    for number, statement in applying:
        if statement["Effect"] == "Deny":
            return f"{_DENIED}: Statement [#{number}] does not allow [{action}] for resource [{place}];"
    return "" if applying else f"{_NOT_ALLOWED}: no statement allows [{action}] for resource [{place}];"


def policy_fault(policy: str) -> str:
    """The error of a policy's text; empty if it can be enforced."""
    try:
        statements = _listed(json.loads(policy)["Statement"])
    except (ValueError, KeyError, TypeError):
        return "it is no JSON object with a Statement"
    return next((fault for number, statement in enumerate(statements, 1) for fault in _faults(number, statement)), "")


def _faults(number: int, statement: Any) -> Iterator[str]:
    if not isinstance(statement, Mapping):
        yield f"statement {number} is no object"
        return
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield f"statement {number}: Effect must be Allow or Deny"
    for names in (("Action", "NotAction"), ("Resource", "NotResource")):
        if len(statement.keys() & set(names)) != 1:
            yield f"statement {number} must have either {names[0]} or {names[1]}"
    if statement.get("Principal") != "*":
        yield f"statement {number}: Principal must be *"
    for operator, test in statement.get("Condition", {}).items():
        if operator not in ("StringEquals", "StringLike") or set(test) != {"ResourceType"}:
            yield f"statement {number}: Condition may be StringEquals or StringLike of ResourceType"


def _applies(statement: Statement, action: str, place: str, type_name: str) -> bool:
    return (
        _is_about(statement, "Action", action)
        and _is_about(statement, "Resource", place)
        and all(
            _matches(test["ResourceType"], type_name)
            if operator == "StringLike"
            else type_name in _listed(test["ResourceType"])
            for operator, test in statement.get("Condition", {}).items()
        )
    )


def _is_about(statement: Statement, element: str, value: str) -> bool:
    if element in statement:
        return _matches(statement[element], value)
    return not _matches(statement[f"Not{element}"], value)


def _matches(patterns: Any, value: str) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in _listed(patterns))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
