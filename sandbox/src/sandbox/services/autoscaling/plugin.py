"""Register Application Auto Scaling with the AWS around it."""

from __future__ import annotations

from sandbox.corrections.cloudformation import add_resource_type
from sandbox.corrections.iam.requests import authorize_service
from sandbox.corrections.services import add_service, add_tags
from sandbox.services.autoscaling.authorization import permissions
from sandbox.services.autoscaling.cloudformation import resource_types
from sandbox.services.autoscaling.service import ApplicationAutoScaling


def install(service: ApplicationAutoScaling) -> None:
    """Make the service reachable through its API, CloudFormation and the tagging API."""
    add_service("application-autoscaling", service.handle, target_prefix="AnyScaleFrontendService.", path=None)
    authorize_service("application-autoscaling", "application-autoscaling", permissions)
    add_tags("application-autoscaling", service.tags.everything)
    for type_name, handler in resource_types(service).items():
        add_resource_type(type_name, handler)
