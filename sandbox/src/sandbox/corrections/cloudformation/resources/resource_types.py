"""The resource types of ministack's CloudFormation, and our own among them."""

from __future__ import annotations

from ministack.services.cloudformation import provisioners, stacks

from sandbox.corrections.cloudformation.requests.imports import offer_import
from sandbox.frame.resource_handler import ResourceHandler


def provisioned() -> dict[str, frozenset[str] | None]:
    """The honoured properties of each provisioned type; None for ministack's types, where unknown."""
    return {name: handler.get("properties") for name, handler in provisioners._RESOURCE_HANDLERS.items()}


def add_resource_type(type_name: str, handler: ResourceHandler) -> None:
    """Add a resource type to CloudFormation; its handler's calls run on a worker thread."""
    provisioners._RESOURCE_HANDLERS[type_name] = {
        "create": handler.create,
        "update": handler.update,
        "delete": handler.delete,
        "properties": handler.properties,
        "unfinished": getattr(handler, "unfinished", None),
    }
    if existing := getattr(handler, "existing", None):
        offer_import(type_name, existing)
    blocking = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name == type_name or blocking(name)
