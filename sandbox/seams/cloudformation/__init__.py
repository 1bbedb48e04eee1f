"""ministack's CloudFormation as AWS's: resource types of our own and what we correct, one module a concern."""

from __future__ import annotations

from sandbox.seams.cloudformation.resource_types import add_resource_type

__all__ = ["NAMES", "OVERRIDES", "add_resource_type"]

NAMES = {
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _REPLACING_PROPERTIES _NAME_SEED",
    "ministack.services.cloudformation.stacks": "_runs_on_worker_thread",
}
OVERRIDES: dict[str, str] = {}
