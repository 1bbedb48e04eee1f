"""Imports of existing resources: those of our types, and the types that cannot be imported.

Sources: AWS CloudFormation User Guide, "Import AWS resources into a CloudFormation stack with a resource import",
"Import AWS resources into a CloudFormation stack automatically", "Resource type support". The sentence for a type
without imports is AWS's as clients report it; no page has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers, helpers, provisioners

from sandbox.corrections.templates.intrinsics import PSEUDO_PARAMETERS, references
from sandbox.corrections.templates.schemas import schema

Attributes = dict[str, Any]
Request = dict[str, list[str]]
Response = tuple[int, dict, bytes]


def offer_import(type_name: str, existing: Callable[[str], Attributes | None]) -> None:
    """Let change sets import a type; `existing` answers for one value of its primary identifier.

    ImportExistingResources passes it over unless the identifier is a property that the template states.
    """
    known = schema(type_name)
    if known is None or len(known.primary_identifier) != 1:
        return
    (identifier,) = known.primary_identifier

    def problem(value: str) -> str | None:
        missing = changesets._IMPORT_NOT_FOUND.format(type=type_name, value=value)
        return missing if existing(value) is None else None

    changesets._IMPORT_LOOKUPS[type_name] = ((identifier,), problem)
    provisioners._RESOURCE_HANDLERS[type_name]["import"] = lambda named: (
        named[identifier],
        existing(named[identifier]) or {},
    )


def check_imported_types(request: Request) -> Response | None:
    """Refuse to import types that CloudFormation, or this sandbox, cannot read."""
    if helpers._p(request, "ChangeSetType") != "IMPORT":
        return None
    types = sorted({entry["ResourceType"] for entry in changesets._extract_resources_to_import(request)})
    if unreadable := [name for name in types if (known := schema(name)) is not None and not known.is_readable]:
        sentence = f"ResourceTypes [{', '.join(unreadable)}] are not supported for Import"
        return helpers._error("ValidationError", sentence)
    known_here = provisioners._RESOURCE_HANDLERS
    if missing := [name for name in types if schema(name) is not None and "import" not in known_here.get(name, {})]:
        return helpers._error("ValidationError", f"the sandbox does not import {', '.join(missing)}")
    return None


def name_identifiers() -> None:
    """Let GetTemplateSummary name the properties that identify a resource of each type ("GetTemplateSummary").

    A template that refers to what it does not hold is refused, as by every operation that reads one.
    """
    summarize = handlers._ACTION_HANDLERS["GetTemplateSummary"]

    def with_identifiers(request: Request) -> Response:
        status, headers, body = summarize(request)
        template_body, _ = helpers._resolve_template(request)
        if status == 200 and template_body:
            template = engine._parse_template(template_body)
            resources = template.get("Resources", {})
            if unresolved := _unresolved(template):
                sentence = f"Unresolved resource dependencies [{', '.join(unresolved)}] in the Resources block"
                return helpers._error("ValidationError", f"Template format error: {sentence} of the template")
            summaries = f"<ResourceIdentifierSummaries>{_summaries(resources)}</ResourceIdentifierSummaries>"
            end = b"</GetTemplateSummaryResult>"
            body = body.replace(end, summaries.encode() + end)
        return status, headers, body

    handlers._ACTION_HANDLERS["GetTemplateSummary"] = with_identifiers


def _unresolved(template: dict[str, Any]) -> list[str]:
    resources = template.get("Resources", {})
    known = {*resources, *template.get("Parameters", {}), *PSEUDO_PARAMETERS}
    return sorted({found.name for found in references(resources)} - known)


def _summaries(resources: dict[str, Any]) -> str:
    logical_ids: dict[str, list[str]] = {}
    for logical_id, resource in resources.items():
        logical_ids.setdefault(resource["Type"], []).append(logical_id)
    summaries = ""
    for type_name, named in sorted(logical_ids.items()):
        known = schema(type_name)
        if known is not None and known.is_readable:
            members = "".join(f"<member>{helpers._esc(name)}</member>" for name in named)
            summaries += (
                f"<member><ResourceType>{type_name}</ResourceType><LogicalResourceIds>{members}</LogicalResourceIds>"
                f"<ResourceIdentifiers><member>{','.join(known.primary_identifier)}</member></ResourceIdentifiers>"
                "</member>"
            )
    return summaries
