"""ministack's CloudFormation as AWS's: resource types of our own and what we correct, one module a concern."""

from __future__ import annotations

from sandbox.seams.cloudformation import buckets, change_sets, dropped_properties, replacement, sides, templates
from sandbox.seams.cloudformation.change_sets import show_changes
from sandbox.seams.cloudformation.dropped_properties import honour_dropped_properties
from sandbox.seams.cloudformation.replacement import replace_by_schema
from sandbox.seams.cloudformation.resource_types import add_resource_type
from sandbox.seams.cloudformation.templates import check_templates

__all__ = ["NAMES", "OVERRIDES", "PARTS", "add_resource_type", "read_templates_as_aws_does"]

PARTS = (templates, change_sets, sides, replacement, dropped_properties, buckets)
"""The modules that have names and overrides of their own."""

NAMES = {
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _REPLACING_PROPERTIES _NAME_SEED",
    "ministack.services.cloudformation.stacks": "_runs_on_worker_thread",
}
OVERRIDES: dict[str, str] = {}


def read_templates_as_aws_does() -> None:
    """Check templates as a whole, honour what they say or refuse it, and tell in change sets what will happen."""
    check_templates()
    honour_dropped_properties()
    replace_by_schema()
    show_changes()
