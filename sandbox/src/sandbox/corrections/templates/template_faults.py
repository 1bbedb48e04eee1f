"""Errors of a template that AWS or the sandbox refuses, found before any resource changes.

AWS: "Template anatomy", "Resource attribute reference", "Validate stack deployments" (pre-deployment validation).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.corrections.templates import intrinsics
from sandbox.corrections.templates.anatomy import anatomy_faults
from sandbox.corrections.templates.finding import Finding
from sandbox.corrections.templates.form import form_faults
from sandbox.corrections.templates.honoured import HONOURED, Honoured
from sandbox.corrections.templates.order import order_faults
from sandbox.corrections.templates.property_faults import property_faults
from sandbox.corrections.templates.resource_attributes import attribute_faults, lacking_attributes
from sandbox.corrections.templates.schemas import schema

Template = Mapping[str, Any]
Types = Mapping[str, Honoured | None]
"""The provisioned resource types; None for one without an audit."""

_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
"""The types with any properties and attributes: a provider of the template's owner knows them."""
_OWN_TYPES = (*_CUSTOM, "AWS::CloudFormation::")
_UNAUDITED = (
    "ministack has this resource type, but nobody audited which of its properties it honours; a row in "
    "sandbox.corrections.templates.honoured and its audit in tests/helpers/audits open it"
)


def template_faults(
    template: Template, types: Types, conditions: Mapping[str, bool], *, has_values: bool = False
) -> list[Finding]:
    """All errors by logical id and key; empty if the template can be deployed.

    Errors on AWS are refused whatever the conditions; features missing only in the sandbox, if a condition is true.
    Of a template of the wrong form, only the form is reported. The values of conditions are final if the parameters of
    an operation `has_values`; before, they are those of the defaults.
    """
    if unreadable := form_faults(template):
        return unreadable
    faults = anatomy_faults(template)
    for logical_id, resource in template.get("Resources", {}).items():
        wanted = conditions.get(resource.get("Condition", ""), True)
        found = [*_resource_faults(resource), *(_lacking(resource, types) if wanted else ())]
        found += _reference_faults(template, types, resource)
        faults += [Finding(logical_id, resource.get("Type", "no type"), fault) for fault in found]
    for name, output in template.get("Outputs", {}).items():
        faults += [Finding(f"output {name}", "", fault) for fault in _reference_faults(template, types, output)]
    return [*faults, *order_faults(template, conditions if has_values else {})]


def _resource_faults(resource: Mapping[str, Any]) -> Iterator[str]:
    """Errors by AWS's own schemas."""
    yield from attribute_faults(resource)
    known = schema(resource.get("Type", ""))
    if known is None:
        yield "CloudFormation has no such resource type"
    else:
        yield from property_faults(known, resource.get("Properties", {}))


def _lacking(resource: Mapping[str, Any], types: Types) -> Iterator[str]:
    """Features of CloudFormation that the sandbox lacks."""
    yield from lacking_attributes(resource)
    type_name = resource.get("Type", "")
    known = schema(type_name)
    if known is None or type_name.startswith(_CUSTOM):
        return
    if type_name not in types:
        yield "the sandbox does not implement this resource type"
        return
    honoured = types[type_name]
    if honoured is None:
        yield _UNAUDITED
        return
    for path in sorted(set(_unhonoured(resource.get("Properties", {}), "", honoured.properties))):
        if path.partition(".")[0] in known.properties:  # names unknown to AWS are already reported
            yield f"the sandbox does not implement {type_name}.{path}; it honours {_near(path, honoured)}"


def _unhonoured(value: Any, path: str, honoured: frozenset[str]) -> Iterator[str]:
    """The outermost paths below the value that the table does not cover."""
    if path in honoured or value == {"Ref": "AWS::NoValue"}:
        return
    called = intrinsics.function(value)
    if path and not any(name.startswith(f"{path}.") for name in honoured):
        yield path
    elif called == "Fn::If":
        for branch in value["Fn::If"][1:]:
            yield from _unhonoured(branch, path, honoured)
    elif isinstance(value, list):
        for item in value:
            yield from _unhonoured(item, path, honoured)
    elif isinstance(value, dict) and called is None:
        for name, item in value.items():
            yield from _unhonoured(item, f"{path}.{name}" if path else name, honoured)


def _near(path: str, honoured: Honoured) -> str:
    """The honoured properties below the path's parent."""
    parent = path.rpartition(".")[0]
    beside = {name for name in honoured.properties if name.startswith(f"{parent}." if parent else "")}
    return ", ".join(sorted(beside)) or "no property"


def _reference_faults(template: Template, types: Types, part: Mapping[str, Any]) -> Iterator[str]:
    """Functions, logical ids, attributes and conditions that do not exist."""
    resources, declared = template.get("Resources", {}), template.get("Conditions", {})
    for name in sorted(set(intrinsics.functions(part)) - intrinsics.FUNCTIONS):
        yield f"{name} is no function; there are {', '.join(sorted(intrinsics.FUNCTIONS))}"
    for reference in dict.fromkeys(intrinsics.references(part)):
        yield from _unresolved(reference, template, types)
    for name in _depended_on(part):
        if name not in resources:
            yield f"DependsOn names {name}, which is no resource of the template"
    for name in sorted({*intrinsics.conditions(part), *_own_condition(part)} - declared.keys()):
        yield f"the condition {name} is not declared"


def _unresolved(reference: intrinsics.Reference, template: Template, types: Types) -> Iterator[str]:
    resources = template.get("Resources", {})
    if reference.attribute is None:
        known = {*resources, *template.get("Parameters", {}), *intrinsics.PSEUDO_PARAMETERS}
        if reference.name not in known:
            yield f"it refers to {reference.name}, which is neither a resource nor a parameter of the template"
    elif reference.name not in resources:
        yield f"Fn::GetAtt names {reference.name}, which is no resource of the template"
    else:
        type_name = resources[reference.name].get("Type", "")
        attributes = _attributes(type_name, types.get(type_name))
        if attributes is not None and reference.attribute not in attributes:
            asked = f"{reference.name}.{reference.attribute}"
            yield f"Fn::GetAtt asks for {asked}; {type_name} has {', '.join(sorted(attributes)) or 'no attribute'}"


def _attributes(type_name: str, honoured: Honoured | None) -> frozenset[str] | None:
    """The attributes of a type; None for custom resources and nested stacks, which have any."""
    known = schema(type_name)
    if known is None or type_name.startswith(_OWN_TYPES):
        return None
    return known.attributes if honoured is None else honoured.attributes


def _depended_on(part: Mapping[str, Any]) -> list[str]:
    depends_on = part.get("DependsOn", [])
    return [depends_on] if isinstance(depends_on, str) else list(depends_on)


def _own_condition(part: Mapping[str, Any]) -> list[str]:
    return [part["Condition"]] if isinstance(part.get("Condition"), str) else []


def implemented(provisioned: Mapping[str, frozenset[str] | None]) -> Types:
    """The types by name: ours with their own properties, ministack's from the table."""
    found: dict[str, Honoured | None] = {}
    for type_name, own in provisioned.items():
        known = schema(type_name)
        if own is None:
            found[type_name] = HONOURED.get(type_name)
        else:
            found[type_name] = Honoured(own, known.attributes if known else frozenset())
    return found
