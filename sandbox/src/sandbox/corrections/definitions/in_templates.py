"""State machines in a CloudFormation template, read before a deploy.

AWS CloudFormation User Guide, "AWS::StepFunctions::StateMachine" (Definition, DefinitionSubstitutions).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.corrections.definitions.check import diagnostics
from sandbox.corrections.definitions.diagnostics import ERROR, LACKING, Diagnostic
from sandbox.corrections.definitions.json_text import NotJson, parse
from sandbox.corrections.definitions.paths import UNRESOLVED
from sandbox.corrections.templates.finding import Finding
from sandbox.corrections.templates.intrinsics import function

TYPE = "AWS::StepFunctions::StateMachine"
_KNOWN = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "000000000000"}
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


def definition_findings(template: Mapping[str, Any], integrations: frozenset[str]) -> list[Finding]:
    """Every error for which the creation of a state machine would fail."""
    return [_finding(name, each) for name, _, each in _errors(template, integrations)]


def lacking_findings(
    template: Mapping[str, Any], integrations: frozenset[str], conditions: Mapping[str, bool]
) -> list[Finding]:
    """Features of AWS that the state machines ask for and the sandbox lacks."""
    return [
        _finding(name, each)
        for name, resource, each in _errors(template, integrations)
        if each.code == LACKING and conditions.get(resource.get("Condition", ""), True)
    ]


def _finding(name: str, error: Diagnostic) -> Finding:
    return Finding(name, TYPE, f"the definition: {error}")


def _errors(
    template: Mapping[str, Any], integrations: frozenset[str]
) -> Iterator[tuple[str, Mapping[str, Any], Diagnostic]]:
    for name, resource in template.get("Resources", {}).items():
        if resource.get("Type") == TYPE:
            properties = resource.get("Properties", {})
            text, kind = read(properties), properties.get("StateMachineType", "STANDARD")
            found = diagnostics(text, str(kind), integrations) if text is not None else []
            yield from ((name, resource, each) for each in found if each.severity == ERROR)


def read(properties: Mapping[str, Any]) -> str | None:
    """The text of the definition, None where only a deploy knows it.

    A value that only a deploy knows is `UNRESOLVED` in it.
    """
    if "DefinitionString" in properties:
        text = _text(properties["DefinitionString"])
    elif "Definition" in properties:
        text = json.dumps(_plain(properties["Definition"]))
    else:
        return None
    substitutions = properties.get("DefinitionSubstitutions")
    for name, value in (substitutions if isinstance(substitutions, dict) else {}).items():
        text = text.replace(f"${{{name}}}", _text(value))
    return None if UNRESOLVED in text and not _is_json(text) else text


def _is_json(text: str) -> bool:
    try:
        parse(text)
    except NotJson:
        return False
    return True


def _plain(value: Any) -> Any:
    """An object of a template with its functions replaced."""
    if function(value):
        return _text(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str):
        return value
    called = function(value)
    argument = value[called] if called else None
    if called == "Ref":
        return _KNOWN.get(str(argument), UNRESOLVED)
    if called == "Fn::Sub":
        return _substituted(argument)
    match argument:
        case [str(separator), list(parts)] if called == "Fn::Join":
            return separator.join(_text(part) for part in parts)
    return UNRESOLVED


def _substituted(argument: Any) -> str:
    text, given = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    bound = given if isinstance(given, dict) else {}

    def value(variable: re.Match[str]) -> str:
        name = variable[1].strip()
        return _text(bound[name]) if name in bound else _KNOWN.get(name, UNRESOLVED)

    return _VARIABLE.sub(value, str(text)).replace("${!", "${")
