"""Acceptance of templates: the answer of a deploy, without a deploy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import catalogue
from sandbox.corrections.cloudformation.resources.resource_types import provisioned
from sandbox.corrections.definitions.in_templates import definition_findings
from sandbox.corrections.definitions.offered import integrations
from sandbox.corrections.templates.finding import Finding
from sandbox.corrections.templates.form import form_faults
from sandbox.corrections.templates.template_faults import Types, implemented, template_faults


def accepts(template: Mapping[str, Any]) -> list[Finding]:
    """Every reason for which a deploy of the template would be refused; see `sandbox.accepts`."""
    if not isinstance(template.get("Resources"), Mapping):
        return [Finding("Resources", "", "is missing or no object; a template maps logical ids to resources there")]
    if template.get("Transform"):
        return [Finding("Transform", "", "is applied by a deploy only; give the template that it makes")]
    if unreadable := form_faults(template):
        return unreadable
    return [*template_faults(template, _types(), conditions={}), *definition_findings(template, _integrations())]


def _types() -> Types:
    types = provisioned()
    for service in catalogue.declared():
        types |= {name: handler.properties for name, handler in service.resource_types.items()}
    return implemented(types)


def _integrations() -> frozenset[str]:
    return integrations().union(*(service.tasks for service in catalogue.declared()))
