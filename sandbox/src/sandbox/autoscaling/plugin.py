"""Register Application Auto Scaling with the AWS around it."""

from __future__ import annotations

from sandbox.autoscaling.authorization import permissions
from sandbox.autoscaling.cloudformation import resource_types
from sandbox.autoscaling.service import ApplicationAutoScaling
from sandbox.seams.cloudformation import add_resource_type
from sandbox.seams.iam.requests import authorize_service
from sandbox.seams.services import add_service, add_tags


def install(service: ApplicationAutoScaling) -> None:
    """Make the service reachable through its API, CloudFormation and the tagging API."""
    add_service("application-autoscaling", service.handle, target_prefix="AnyScaleFrontendService.", path=None)
    authorize_service("application-autoscaling", "application-autoscaling", permissions)
    add_tags("application-autoscaling", service.tags.everything)
    for type_name, handler in resource_types(service).items():
        add_resource_type(type_name, handler)
