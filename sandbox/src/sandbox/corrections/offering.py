"""Offer a service of ours by every way that ministack has to its own."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.corrections.cloudformation import add_resource_type
from sandbox.corrections.cloudformation.resources.resource_checks import check_creation
from sandbox.corrections.gateway import add_route, add_tags
from sandbox.corrections.iam.requests import authorize
from sandbox.corrections.one_region import require_region
from sandbox.corrections.stepfunctions import add_task
from sandbox.frame.service import Service


def offer(service: Service) -> None:
    """Install the service's APIs, permissions, tags, resource types and workflow tasks."""
    for route in service.routes:
        add_route(route)
        authorize(route)
    if service.tags is not None:
        add_tags(service.name, service.tags)
    for type_name, handler in service.resource_types.items():
        add_resource_type(type_name, handler)
        check_creation(type_name, _only_in_one_region(type_name))
    for resource_arn, run in service.tasks.items():
        add_task(resource_arn, run)


def _only_in_one_region(type_name: str) -> Callable[[object], None]:
    return lambda _properties: require_region(type_name)
