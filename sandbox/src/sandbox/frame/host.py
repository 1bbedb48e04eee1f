"""The AWS around a service: other services, roles and events, and the vocabulary of both sides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.client import BaseClient
from botocore.config import Config

ACCOUNT = "000000000000"
REGION = "us-east-1"
_CLIENTS_OF_ROLES = 32
TIME_SCALE = 60.0
"""How much shorter the waits are that AWS takes in minutes: what takes a minute there takes a second here."""


class CannotAssume(Exception):
    """When a role does not exist, or does not trust the service that assumes it."""


class NotAuthorized(Exception):
    """When a role lacks a permission. AWS's message names principal, action and resource."""


class TaskFailed(Exception):
    """When a Step Functions task fails: the error name that a Catch matches, and its cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of an assumed role."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None


@dataclass(frozen=True)
class Permission:
    """An action on a resource that a call demands of its caller, with condition keys."""

    action: str
    resource: str = "*"
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """An HTTP request as a service gets it. Header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, list[str]]
    received: float = field(default_factory=time.perf_counter, compare=False)


@dataclass(frozen=True)
class Response:
    """An HTTP response of a service."""

    status: int
    headers: dict[str, str]
    body: bytes


class ResourceHandler(Protocol):
    """One CloudFormation resource type. Methods may block; raising makes the resource fail with ``str(error)``.

    One whose ``create`` waits may have ``unfinished(logical_id, stack_name)``: the physical id of what a ``create``
    made that the sandbox's end cut off, None if it made nothing. One that does less than AWS with some property may
    have ``reduced``: property -> how.
    """

    properties: frozenset[str]
    """The properties that are honoured, dotted below the top level; a template that holds another is refused by name.

    Which changes replace the resource, its registry schema says (corrections/templates/replacement.py).
    """

    def create(self, logical_id: str, properties: dict, stack_name: str) -> tuple[str, dict[str, Any]]:
        """Return the physical id (what ``Ref`` gives) and the attributes (what ``Fn::GetAtt`` gives)."""
        ...

    def update(self, physical_id: str, old: dict, new: dict, stack_name: str) -> tuple[str, dict[str, Any]]: ...

    def delete(self, physical_id: str, properties: dict) -> None: ...


@dataclass(frozen=True)
class TaskAttempt:
    """One attempt at a Step Functions task: when it is to end, and where it says that its job was accepted."""

    aborted: threading.Event
    submitted: Callable[[dict], None]


TaskRunner = Callable[[str, dict, TaskAttempt], dict]
"""A Step Functions integration: (resource ARN, arguments, attempt) -> the task's result."""


class AwsSide(Protocol):
    """The abilities of AWS itself, for which no client may ask."""

    def assume(self, role_arn: str, session_name: str, service: str, source: str = "") -> Credentials: ...

    def demand(self, credentials: Credentials, permissions: Iterable[Permission]) -> None: ...

    def allows(self, request: Request, service: str, action: str, resource: str) -> bool: ...

    def acting(self) -> Credentials | None: ...

    def emit(self, source: str, detail_type: str, detail: dict, resources: list[str]) -> None: ...


class NoAws:
    """Nothing around a service: enough for readers of its declaration, who call nothing."""

    def assume(self, role_arn: str, session_name: str, service: str, source: str = "") -> Credentials:
        raise CannotAssume(f"{role_arn}: no sandbox runs here")

    def demand(self, credentials: Credentials, permissions: Iterable[Permission]) -> None:
        raise NotAuthorized("no sandbox runs here")

    def allows(self, request: Request, service: str, action: str, resource: str) -> bool:
        return False

    def acting(self) -> Credentials | None:
        return None

    def emit(self, source: str, detail_type: str, detail: dict, resources: list[str]) -> None:
        """Drop the event."""


@dataclass(frozen=True)
class Host:
    """The AWS around a service: other services by boto3 clients, roles, and the event bus."""

    url: str
    home: Path
    aws: AwsSide = field(repr=False)
    account: str = ACCOUNT
    region: str = REGION
    time_scale: float = TIME_SCALE

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account: arn("sagemaker", "endpoint/x")."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def scaled(self, seconds: float) -> float:
        """The seconds that a wait of AWS's takes here: bake times, intervals and cooldowns; requests are not waits."""
        return seconds / self.time_scale

    @cached_property
    def _root(self) -> Credentials:
        return Credentials("test", "test", None)

    @cached_property
    def _session(self) -> boto3.session.Session:
        """One for all clients: a client of a session of its own costs 12 MB and half a second of work."""
        return boto3.session.Session()

    @cached_property
    def _clients(self) -> dict[tuple[str, Credentials], BaseClient]:
        """Those used last at the end."""
        return {}

    @cached_property
    def _lock(self) -> threading.Lock:
        return threading.Lock()

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        """A boto3 client on this AWS, root's without ``credentials``. Clients are safe to share by threads.

        They are kept; of the roles', which change with each job, those used last.
        """
        who = credentials or self._root
        with self._lock:
            client = self._clients.pop((service, who), None) or self._new_client(service, who)
            self._clients[service, who] = client
            roles = [key for key in self._clients if key[1] != self._root]
            for key in roles[:-_CLIENTS_OF_ROLES]:
                del self._clients[key]
            return client

    def _new_client(self, service: str, who: Credentials) -> BaseClient:
        return self._session.client(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id=who.access_key_id,
            aws_secret_access_key=who.secret_access_key,
            aws_session_token=who.session_token,
            config=Config(retries={"total_max_attempts": 3}, max_pool_connections=32, read_timeout=300),
        )

    def assume(self, role_arn: str, session_name: str, service: str, source: str = "") -> Credentials:
        """Credentials of a role that ``service`` assumes; ``source`` is the ARN for which it does.

        Raises ``CannotAssume``.
        """
        return self.aws.assume(role_arn, session_name, service, source)

    def demand(self, credentials: Credentials, *permissions: Permission) -> None:
        """Return if the role behind the credentials has every permission, and count them as used.

        Raises ``NotAuthorized`` at the first that it lacks. Root has them all.
        """
        self.aws.demand(credentials, permissions)

    def allows(self, request: Request, service: str, action: str, resource: str) -> bool:
        """Whether a request without a query is well signed and its sender may do this."""
        return self.aws.allows(request, service, action, resource)

    def acting(self) -> Credentials | None:
        """The credentials of the role that this thread acts for: an execution's, or a stack's; else none."""
        return self.aws.acting()

    def emit(self, source: str, detail_type: str, detail: dict, resources: list[str]) -> None:
        """Put an event from an AWS service (``source``) on the default bus."""
        self.aws.emit(source, detail_type, detail, resources)
