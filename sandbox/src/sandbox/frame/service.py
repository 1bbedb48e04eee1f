"""The declaration of a service: all that the sandbox must know to offer it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.frame.fast_path import FastPath
from sandbox.frame.messages import Request, Response
from sandbox.frame.operations import Api
from sandbox.frame.permissions import Permission
from sandbox.frame.resource_handler import ResourceHandler
from sandbox.frame.survivor import Survivor
from sandbox.frame.workflow_tasks import TaskRunner

Handler = Callable[[Request], Awaitable[Response]]
Permissions = Callable[[str, str, dict[str, Any]], list[Permission]]
"""(operation, path, parameters) -> all that a call demands of its caller; the first is the call's own action."""
Tagged = Iterable[tuple[str, list[dict[str, str]]]]
"""Pairs of an ARN and its tags."""
Application = Any
"""An ASGI application."""


@dataclass(frozen=True)
class Route:
    """Requests recognised by an ``X-Amz-Target`` prefix or a path, and their permissions."""

    name: str
    """The service that the requests are signed for, such as "sagemaker-runtime"."""
    namespace: str
    """The first part of its IAM actions: "sagemaker" in "sagemaker:InvokeEndpoint"."""
    permissions: Permissions
    handle: Handler | None = None
    """Serves the requests; None where ministack serves them, and only the permissions are ours."""
    target_prefix: str | None = None
    path: re.Pattern[str] | None = None


@dataclass(frozen=True)
class HeaderRoute:
    """Requests that a header tells apart, whatever their path. One permission covers them all."""

    name: str
    namespace: str
    handle: Handler
    permission: Callable[[Mapping[str, str]], Permission]
    """(headers) -> what the request demands of its caller."""
    header: str


def _nothing() -> None:
    """Nothing to do."""


def _unchanged(application: Application) -> Application:
    return application


@dataclass(frozen=True)
class Service:
    """One service of AWS. Whatever it does not have stays at its default."""

    name: str
    """boto3's name of the service: "application-autoscaling"."""
    title: str
    """AWS's name of it: "Application Auto Scaling"."""
    api: Api | None = None
    """The operations that are honoured, for the coverage page."""
    routes: tuple[Route | HeaderRoute, ...] = ()
    resource_types: Mapping[str, ResourceHandler] = field(default_factory=dict)
    """CloudFormation's resource types by name."""
    tasks: Mapping[str, TaskRunner] = field(default_factory=dict)
    """Step Functions' optimized integrations by the ARN that a state's Resource begins with."""
    tags: Callable[[], Tagged] | None = None
    """The tagged resources, for the Resource Groups Tagging API and ``aws:ResourceTag``."""
    survives: Mapping[str, Survivor] = field(default_factory=dict)
    """The parts that survive the sandbox's end, by name, in the order in which they are restored."""
    resume: Callable[[], None] = _nothing
    """Take up the restored work; called once the sandbox answers requests."""
    close: Callable[[], None] = _nothing
    """Stop every process and thread, quickly."""
    guard: Callable[[Application], Application] = _unchanged
    """Put an application in front of the gateway, for requests to hosts of the service's own."""
    fast_path: FastPath | None = None
    """Serves some requests past the gateway. One service may have it."""
