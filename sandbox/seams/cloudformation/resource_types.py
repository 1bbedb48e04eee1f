"""Resource types of our own in ministack's CloudFormation."""

from __future__ import annotations

from ministack.services.cloudformation import provisioners, stacks

from sandbox.host import ResourceHandler


def add_resource_type(type_name: str, handler: ResourceHandler) -> None:
    """Let CloudFormation create, update, replace and delete resources of a type; calls run on a worker thread."""

    def refuse_unknown(properties: dict) -> None:
        if unknown := sorted(properties.keys() - handler.properties):
            raise ValueError(f"the sandbox does not implement {', '.join(f'{type_name}.{name}' for name in unknown)}")

    def create(logical_id: str, properties: dict, stack_name: str) -> tuple:
        refuse_unknown(properties)
        return handler.create(logical_id, properties, stack_name)

    def update(physical_id: str, old: dict, new: dict, stack_name: str) -> tuple:
        refuse_unknown(new)
        return handler.update(physical_id, old, new, stack_name)

    provisioners._RESOURCE_HANDLERS[type_name] = {
        "create": create,
        "update": update,
        "delete": handler.delete,
        "properties": handler.properties,
        "unfinished": getattr(handler, "unfinished", None),
    }
    blocking = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name == type_name or blocking(name)
