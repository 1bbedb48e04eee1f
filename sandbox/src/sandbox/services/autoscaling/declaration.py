"""Application Auto Scaling, as the sandbox offers it."""

from __future__ import annotations

from sandbox.frame.host import Host
from sandbox.frame.service import Route, Service
from sandbox.services.autoscaling.authorization import permissions
from sandbox.services.autoscaling.cloudformation import resource_types
from sandbox.services.autoscaling.service import ApplicationAutoScaling

_NAME = "application-autoscaling"


def declare(host: Host) -> Service:
    """The service, ready to be offered."""
    service = ApplicationAutoScaling(host)
    return Service(
        name=_NAME,
        title="Application Auto Scaling",
        api=service.api,
        routes=(Route(_NAME, _NAME, permissions, service.handle, target_prefix="AnyScaleFrontendService."),),
        resource_types=resource_types(host, service.api, service.call, service.policies),
        tags=service.tags.everything,
        survives=service.survives,
        resume=service.resume,
        close=service.close,
    )
