"""The application of a patch document to the properties of a resource.

Source: AWS Cloud Control API User Guide, "Updating a resource": a list of RFC 6902 operations; what the patch does not
name stays.
"""

from __future__ import annotations

import json

import jsonpatch
import jsonpointer
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloud_control.errors import InvalidRequestException, NotUpdatableException
from sandbox.corrections.cloud_control.held import Held, Properties
from sandbox.corrections.cloudformation.resources.resource_types import provisioned
from sandbox.corrections.templates.template_faults import implemented, template_faults

NAMES = {"ministack.services.cloudformation.provisioners": "_replacing_change"}
OVERRIDES: dict[str, str] = {}


def patched(held: Held, document: str) -> Properties:
    """The properties after the patch. Raises InvalidRequestException, NotUpdatableException."""
    try:
        properties = jsonpatch.apply_patch(held.properties, _operations(document))
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as fault:
        raise InvalidRequestException(f"PatchDocument: {fault}") from fault
    type_name, before = held.record["ResourceType"], held.properties
    if changed := sorted(name for name in held.schema.create_only if before.get(name) != properties.get(name)):
        raise NotUpdatableException(f"Create-only properties {changed} cannot be updated.")
    template = {"Resources": {held.record["LogicalResourceId"]: {"Type": type_name, "Properties": properties}}}
    if faults := template_faults(template, implemented(provisioned()), {}):
        raise InvalidRequestException("Model validation failed: " + "; ".join(str(fault) for fault in faults))
    if provisioners._replacing_change(type_name, before, properties):
        raise NotUpdatableException(f"This update would replace {held.identifier}; deploy it by its stack.")
    return properties


def _operations(document: str) -> list:
    try:
        operations = json.loads(document)
    except ValueError as fault:
        raise InvalidRequestException(f"PatchDocument is not JSON: {fault}") from fault
    if not isinstance(operations, list):
        raise InvalidRequestException(f"PatchDocument is a {type(operations).__name__}, expected a list of operations")
    return operations
