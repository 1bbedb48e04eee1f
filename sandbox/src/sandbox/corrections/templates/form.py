"""The form of a template: which parts are objects, lists and text. All other checks rely on it.

Sources: AWS CloudFormation, "Template anatomy", "Resource attribute reference", "Intrinsic function reference".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.corrections.templates.finding import Finding
from sandbox.corrections.templates.intrinsics import function

_SECTIONS = ("Conditions", "Mappings", "Outputs", "Parameters", "Resources", "Rules")
"""The sections that map names to objects."""
_TEXT_ATTRIBUTES = ("Condition", "DeletionPolicy", "UpdateReplacePolicy")


def form_faults(template: Mapping[str, Any]) -> list[Finding]:
    """The parts in a form that CloudFormation cannot read.

    Empty if the other checks can read the template.
    """
    faults = []
    for section in _SECTIONS:
        entries = template.get(section, {})
        if not isinstance(entries, Mapping):
            faults.append(Finding(section, "", f"must be an object, not {_kind(entries)}"))
            continue
        for name, entry in entries.items():
            place = {"Resources": name, "Outputs": f"output {name}"}.get(section, f"{section}.{name}")
            faults += [Finding(place, "", fault) for fault in _entry_faults(section, entry)]
    return faults


def _entry_faults(section: str, entry: Any) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"must be an object, not {_kind(entry)}"
    elif section == "Resources":
        yield from _resource_faults(entry)
    elif section == "Outputs" and "Value" not in entry:
        yield "Value is required"
    if section in ("Resources", "Outputs"):
        yield from _function_faults(entry)


def _resource_faults(resource: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(resource.get("Type"), str):
        yield f"Type must be text, not {_kind(resource.get('Type'))}"
    if not isinstance(resource.get("Properties", {}), Mapping):
        yield f"Properties must be an object, not {_kind(resource['Properties'])}"
    elif called := function(resource.get("Properties")):
        yield f"Properties must be an object of properties, not the function {called}"
    for name in _TEXT_ATTRIBUTES:
        if not isinstance(resource.get(name, ""), str):
            yield f"{name} must be text, not {_kind(resource[name])}"
    wanted = resource.get("DependsOn", [])
    if not isinstance(wanted, str) and not (isinstance(wanted, list) and all(isinstance(each, str) for each in wanted)):
        yield "DependsOn must be a logical id or a list of them"


def _function_faults(value: Any) -> Iterator[str]:
    """Arguments of functions that CloudFormation cannot read, anywhere below the value."""
    if isinstance(value, list):
        for item in value:
            yield from _function_faults(item)
    elif isinstance(value, Mapping):
        for name, argument in value.items():
            wanted = _WANTED.get(name) if len(value) == 1 else None
            if wanted and not wanted[0](argument):
                yield f"{name} takes {wanted[1]}"
            else:
                yield from _function_faults(argument)


def _is_attribute(argument: Any) -> bool:
    if isinstance(argument, str):
        return "." in argument
    return isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str)


def _is_substitution(argument: Any) -> bool:
    if isinstance(argument, str):
        return True
    return _is_list_of(argument, 2) and isinstance(argument[0], str) and isinstance(argument[1], Mapping)


def _is_list_of(argument: Any, length: int) -> bool:
    return isinstance(argument, list) and len(argument) == length


_WANTED: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "Ref": (lambda argument: isinstance(argument, str), "the name of a resource or parameter"),
    "Fn::GetAtt": (_is_attribute, 'a logical id and an attribute: ["Bucket", "Arn"] or "Bucket.Arn"'),
    "Fn::If": (
        lambda argument: _is_list_of(argument, 3) and isinstance(argument[0], str),
        "a list of a condition's name and two values",
    ),
    "Fn::Join": (lambda argument: _is_list_of(argument, 2), "a list of a delimiter and the values"),
    "Fn::Select": (lambda argument: _is_list_of(argument, 2), "a list of an index and the values"),
    "Fn::Split": (lambda argument: _is_list_of(argument, 2), "a list of a delimiter and the text"),
    "Fn::Sub": (_is_substitution, "text, or a list of text and an object of its variables"),
}
"""For each function: the check of its argument, and the words for a refused one."""


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else "null" if value is None else repr(value)
