"""The text of a template, read as CloudFormation reads it: JSON, or YAML 1.1 with short forms of functions.

Unquoted `yes`, `on` and `true` are booleans, and `0123` is octal. A boolean or a number is text wherever CloudFormation
compares or joins it: in parameters, conditions and rules.
Sources: AWS CloudFormation User Guide, "CloudFormation template format"; AWS CLI, `customizations/cloudformation/
yamlhelper.py` (booleans); sentences as clients report them, since no page has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml
from ministack.services.cloudformation.engine import CfnLoader

NAMES = {"ministack.services.cloudformation.engine": "CfnLoader"}
OVERRIDES = {
    "CloudFormation: the reading of templates": "ministack takes a key that is given twice, cannot read a template "
    "that is indented as a whole, and fails with an internal error on keys that are no text; `Default: true` is True"
}
_COMPARED = ("Conditions", "Rules")


def read(text: str) -> dict[str, Any]:
    """The template. Raises ValueError with the sentence that follows "Template format error: "."""
    template = _json(text) if text.lstrip().startswith("{") else _yaml(text)
    if not isinstance(template, dict):
        raise ValueError("unsupported structure.")
    if faults := list(_unreadable(template, "")):
        raise ValueError(faults[0])
    for section in _COMPARED:
        if section in template:
            template[section] = texts(template[section])
    for declaration in _mapping(template.get("Parameters")).values():
        for name in ("Default", "AllowedValues"):
            if isinstance(declaration, dict) and name in declaration:
                declaration[name] = texts(declaration[name])
    return template


def texts(value: Any) -> Any:
    """The value with its booleans and numbers as the text that CloudFormation makes of them."""
    if isinstance(value, dict):
        return {name: texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [texts(item) for item in value]
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise ValueError(f"JSON not well-formed. (line {error.lineno}, column {error.colno})") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"duplicate key {name}: each name may be given once")
        found[name] = value
    return found


class _Loader(CfnLoader):
    """YAML with ministack's short forms, without aliases and duplicate keys."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise ValueError("YAML aliases are not allowed in CloudFormation templates")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                line = key.start_mark.line + 1
                raise ValueError(f"duplicate key {key.value} (line {line}): each name may be given once")
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.constructor.ConstructorError as error:
        raise ValueError(f"map keys must be strings{_at(error)}" if "hash" in str(error) else str(error)) from error
    except yaml.MarkedYAMLError as error:
        raise ValueError(f"YAML not well-formed.{_at(error)}") from error


def _at(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""


def _unreadable(value: Any, path: str) -> Iterator[str]:
    """The keys that are no text, and the values that are null."""
    if isinstance(value, dict):
        for name, item in value.items():
            if not isinstance(name, str):
                yield f"[{path or '/'}] map keys must be strings; received {_kind(name)} [{json.dumps(name)}] instead"
            yield from _unreadable(item, f"{path}/{name}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _unreadable(item, f"{path}/{position}")
    elif value is None:
        yield f"[{path}] 'null' values are not allowed in templates"


def _kind(key: Any) -> str:
    return "boolean" if isinstance(key, bool) else "null" if key is None else "numeric"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
