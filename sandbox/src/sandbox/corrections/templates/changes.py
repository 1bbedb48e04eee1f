"""The changes of a change set: the difference between two templates with parameters and conditions applied.

Shapes are the API's: "ResourceChange", "ResourceChangeDetail", "ResourceTargetDefinition".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.corrections.templates.intrinsics import references
from sandbox.corrections.templates.replacement import ALWAYS, NEVER
from sandbox.corrections.templates.schemas import schema

Change = dict[str, Any]
Recreation = Callable[[str, str, Any, Any], str]
"""(type, property, before, after) -> Always, Conditionally or Never."""

_ATTRIBUTES = ("Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")
_POLICY_ACTIONS = {"Delete": "Delete", "Retain": "Retain", "RetainExceptOnCreate": "Retain", "Snapshot": "Snapshot"}


@dataclass(frozen=True)
class Resource:
    """A resource with a true condition."""

    definition: Mapping[str, Any]
    """The resource in the template."""
    properties: Mapping[str, Any]
    """Parameters and conditions applied; other resources appear as "${LogicalId.Attribute}"."""
    context: Mapping[str, Any]
    """The properties for readers: the deployed values, or the planned values as far as they are known."""
    physical_id: str = ""

    @property
    def type_name(self) -> str:
        return str(self.definition.get("Type", ""))


@dataclass(frozen=True)
class Side:
    """A stack before or after: resources by logical id, parameter values, and outputs."""

    resources: Mapping[str, Resource]
    parameters: Mapping[str, str]
    outputs: Mapping[str, Any]


def has_changes(before: Side, after: Side, changes: list[Change]) -> bool:
    """Tell whether there are changes to execute: resources, outputs, or parameter values.

    Metadata, descriptions and conditions without effect do not count ("Metadata", "Conditions": not by themselves).
    """
    return bool(changes) or before.outputs != after.outputs or before.parameters != after.parameters


def resource_changes(
    before: Side,
    after: Side,
    recreation: Recreation,
    retagged: Collection[str] = frozenset(),
    unchanged: Collection[str] = frozenset(),
) -> list[Change]:
    """The changes by logical id.

    `retagged` are the resources that changed stack tags affect, `unchanged` the nested stacks known to stay as they
    are: the template of any other one may have changed behind its URL ("ResourceChangeDetail", Automatic).
    """
    details = _all_details(before, after, recreation, unchanged)
    found = []
    for logical_id in sorted(before.resources.keys() | after.resources.keys()):
        old, new = before.resources.get(logical_id), after.resources.get(logical_id)
        if old is None and new is not None:
            found.append(_addition(logical_id, new))
        elif new is None and old is not None:
            found.append(_removal(logical_id, old))
        elif old is not None and new is not None:
            tags = [_tag_detail()] if logical_id in retagged and _is_taggable(new.type_name) else []
            if details[logical_id] or tags or old.type_name != new.type_name:
                found.append(_modification(logical_id, old, new, details[logical_id], tags))
    return [{"Type": "Resource", "ResourceChange": change} for change in found]


def _all_details(
    before: Side, after: Side, recreation: Recreation, unchanged: Collection[str]
) -> dict[str, list[Change]]:
    """The details of every resource on both sides, until changes cause no further changes."""
    common = before.resources.keys() & after.resources.keys()
    parameters = {name for name, value in after.parameters.items() if before.parameters.get(name, value) != value}
    found: dict[str, list[Change]] = {}
    while True:
        replaced = {
            name: _replacement(items, before.resources[name].type_name != after.resources[name].type_name)
            for name, items in found.items()
            if items or before.resources[name].type_name != after.resources[name].type_name
        }
        again = {
            name: [
                *_details(before.resources[name], after.resources[name], recreation, parameters, replaced),
                *([] if name in unchanged else _automatic(after.resources[name])),
            ]
            for name in common
        }
        if again == found:
            return found
        found = again


def _details(
    old: Resource, new: Resource, recreation: Recreation, parameters: set[str], replaced: Mapping[str, str]
) -> list[Change]:
    found: list[Change] = []
    for name in sorted({*old.properties, *new.properties}):
        value = new.definition.get("Properties", {}).get(name)
        before, after = old.properties.get(name), new.properties.get(name)
        caused = list(_caused(value, parameters, replaced))
        wanted = recreation(new.type_name, name, before, after if before != after else _UNKNOWN)
        target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": wanted}
        if before != after:
            evaluation = "Dynamic" if caused else "Static"
            for leaf in _leaves(before, after, f"/Properties/{name}"):
                values = _values(old, new, leaf)
                found.append(
                    {"Target": target | values, "Evaluation": evaluation, "ChangeSource": "DirectModification"}
                )
        found += [{"Target": target, **cause} for cause in caused]
    found += [_attribute_detail(name) for name in _ATTRIBUTES if old.definition.get(name) != new.definition.get(name)]
    return found


_UNKNOWN = object()


def _automatic(new: Resource) -> list[Change]:
    if new.type_name != "AWS::CloudFormation::Stack":
        return []
    target = {"Attribute": "Properties", "RequiresRecreation": NEVER}
    return [{"Target": target, "Evaluation": "Dynamic", "ChangeSource": "Automatic"}]


def _caused(value: Any, parameters: set[str], replaced: Mapping[str, str]) -> Iterator[Change]:
    """The external causes of a change: new parameter values and changed resources."""
    for reference in dict.fromkeys(references(value)):
        name, attribute = reference.name, reference.attribute
        if name in parameters and attribute is None:
            yield {"Evaluation": "Static", "ChangeSource": "ParameterReference", "CausingEntity": name}
        elif name in replaced and (attribute or replaced[name] != "False"):
            source = "ResourceAttribute" if attribute else "ResourceReference"
            evaluation = "Static" if replaced[name] == "True" else "Dynamic"
            entity = f"{name}.{attribute}" if attribute else name
            yield {"Evaluation": evaluation, "ChangeSource": source, "CausingEntity": entity}


def _replacement(details: list[Change], is_other_type: bool) -> str:
    asked = {(detail["Target"]["RequiresRecreation"], detail["Evaluation"]) for detail in details}
    if is_other_type or (ALWAYS, "Static") in asked:
        return "True"
    return "Conditional" if any(wanted != NEVER for wanted, _ in asked) else "False"


def _leaves(before: Any, after: Any, path: str) -> Iterator[str]:
    """The deepest common paths at which two values differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from _leaves(before.get(name), after.get(name), f"{path}/{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for position, pair in enumerate(zip(before, after, strict=True)):
            yield from _leaves(*pair, f"{path}/{position}")
    elif before != after:
        yield path


def _values(old: Resource, new: Resource, path: str) -> Change:
    """The values at the path before and after, for readers."""
    before, after = _at(old.context, path), _at(new.context, path)
    kind = "Add" if before is None else "Remove" if after is None else "Modify"
    return {
        "Path": path,
        **({"BeforeValue": _text(before)} if before is not None else {}),
        **({"AfterValue": _text(after)} if after is not None else {}),
        "AttributeChangeType": kind,
    }


def _at(properties: Any, path: str) -> Any:
    value = properties
    for step in path.removeprefix("/Properties/").split("/"):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _attribute_detail(name: str) -> Change:
    target = {"Attribute": name, "RequiresRecreation": NEVER}
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}


def _tag_detail() -> Change:
    return {"Target": {"Attribute": "Tags", "RequiresRecreation": NEVER}, "Evaluation": "Static"}


def _is_taggable(type_name: str) -> bool:
    known = schema(type_name)
    return known is not None and bool(known.tag_property)


def _addition(logical_id: str, new: Resource) -> Change:
    return {**_head("Add", logical_id, new), "AfterContext": _context(new)}


def _removal(logical_id: str, old: Resource) -> Change:
    policy = _policy(old, "DeletionPolicy", "")
    return {**_head("Remove", logical_id, old), **policy, "BeforeContext": _context(old)}


def _modification(logical_id: str, old: Resource, new: Resource, details: list[Change], tags: list[Change]) -> Change:
    replacement = _replacement(details, old.type_name != new.type_name)
    policy = _policy(new, "UpdateReplacePolicy", "ReplaceAnd") if replacement == "True" else {}
    return {
        **_head("Modify", logical_id, new),
        **({"PhysicalResourceId": old.physical_id} if old.physical_id else {}),
        "Replacement": replacement,
        **policy,
        "Scope": list(dict.fromkeys(detail["Target"]["Attribute"] for detail in [*details, *tags])),
        "Details": [*tags, *details],
        "BeforeContext": _context(old),
        "AfterContext": _context(new),
    }


def _head(action: str, logical_id: str, resource: Resource) -> Change:
    physical = {"PhysicalResourceId": resource.physical_id} if resource.physical_id else {}
    return {"Action": action, "LogicalResourceId": logical_id, **physical, "ResourceType": resource.type_name}


def _policy(resource: Resource, attribute: str, prefix: str) -> Change:
    action = _POLICY_ACTIONS.get(str(resource.definition.get(attribute, "Delete")))
    return {"PolicyAction": prefix + action} if action else {}


def _context(resource: Resource) -> str:
    kept = {name: resource.definition[name] for name in _ATTRIBUTES if name in resource.definition}
    return json.dumps({"Properties": resource.context, **kept})
