"""Checks of whole templates, before any operation that takes one."""

from __future__ import annotations

from collections.abc import Callable

from ministack.services.cloudformation import changesets, engine, handlers

from sandbox.corrections.cloudformation.resources.resource_types import provisioned
from sandbox.corrections.definitions.in_templates import lacking_findings
from sandbox.corrections.definitions.offered import integrations
from sandbox.corrections.templates.finding import Finding
from sandbox.corrections.templates.form import form_faults
from sandbox.corrections.templates.reading import read
from sandbox.corrections.templates.template_faults import Types, implemented, template_faults

NAMES = {
    "ministack.services.cloudformation.engine": "_parse_template validate_template_support _resolve_parameters",
    "ministack.services.cloudformation.handlers": "_parse_template validate_template_support _resolve_parameters",
    "ministack.services.cloudformation.changesets": "_parse_template validate_template_support _resolve_parameters",
}
OVERRIDES = {
    "CloudFormation: unknown types, properties, attributes, functions and references": (
        "ministack passes what it does not know on, and its handlers drop it silently; a template with such faults "
        "is refused before any resource is touched, all of them named"
    ),
    "CloudFormation: templates of a wrong form": "ministack fails on them with an internal error",
    "CloudFormation: parameters without values": "ministack names the first; AWS names all",
}
_MODULES = (engine, handlers, changesets)


def check_templates() -> None:
    """Refuse a template with a sentence for each error."""
    _check_form()
    _check_support(engine.validate_template_support)
    _demand_parameters(engine._resolve_parameters)


def _check_form() -> None:
    def parse(template_body: str) -> dict:
        template = read(template_body)
        if not template.get("Transform"):
            _refuse(form_faults(template), "")  # ministack itself says "Template format error" first
        return template

    for module in _MODULES:
        module._parse_template = parse


def _check_support(former: Callable[..., None]) -> None:
    def validate(template: dict, conditions: dict, params: dict | None = None) -> None:
        if not template.get("Transform"):
            faults = template_faults(template, _types(), conditions, has_values=params is not None)
            faults = faults or lacking_findings(template, integrations(), conditions)
            _refuse(faults, "Template format error: ")
        former(template, conditions, params)

    for module in _MODULES:
        module.validate_template_support = validate


def _refuse(faults: list[Finding], prefix: str) -> None:
    if faults:
        sentences = "\n  ".join(map(str, faults))
        raise ValueError(f"{prefix}this template cannot be deployed:\n  {sentences}")


def _demand_parameters(former: Callable[..., dict]) -> None:
    def resolve(template: dict, provided: list[dict], previous: dict | None = None) -> dict:
        declared, given = template.get("Parameters", {}), {item["Key"] for item in provided}
        if missing := [name for name in declared if name not in given and "Default" not in declared[name]]:
            raise ValueError(f"Parameters: [{', '.join(missing)}] must have values")
        return former(template, provided, previous)

    for module in _MODULES:
        module._resolve_parameters = resolve


def _types() -> Types:
    return implemented(provisioned())
