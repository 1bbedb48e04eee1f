"""The AWS around a service: other services, roles and events."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.client import BaseClient
from botocore.config import Config

from sandbox.frame.messages import Request
from sandbox.frame.permissions import CannotAssume, Credentials, NotAuthorized, Permission

ACCOUNT = "000000000000"
REGION = "us-east-1"
_CLIENTS_OF_ROLES = 32
TIME_SCALE = 60.0
"""How much shorter the waits are that AWS takes in minutes: what takes a minute there takes a second here."""


class AwsSide(Protocol):
    """The abilities of AWS itself, for which no client may ask."""

    def assume(
        self, role_arn: str, session_name: str, service: str, source: str = "", subnets: Sequence[str] = ()
    ) -> Credentials: ...

    def demand(self, credentials: Credentials, permissions: Iterable[Permission]) -> None: ...

    def allows(self, request: Request, service: str, action: str, resource: str) -> bool: ...

    def acting(self) -> Credentials | None: ...

    def role_name(self, credentials: Credentials) -> str: ...

    def emit(self, source: str, detail_type: str, detail: dict, resources: list[str]) -> None: ...


class NoAws:
    """Nothing around a service: enough for readers of its declaration, who call nothing."""

    def assume(
        self, role_arn: str, session_name: str, service: str, source: str = "", subnets: Sequence[str] = ()
    ) -> Credentials:
        raise CannotAssume(f"{role_arn}: no sandbox runs here")

    def demand(self, credentials: Credentials, permissions: Iterable[Permission]) -> None:
        raise NotAuthorized("no sandbox runs here")

    def allows(self, request: Request, service: str, action: str, resource: str) -> bool:
        return False

    def acting(self) -> Credentials | None:
        return None

    def role_name(self, credentials: Credentials) -> str:
        return ""

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
    def _clients(self) -> dict[tuple[str, Credentials, int], BaseClient]:
        """Those used last at the end."""
        return {}

    @cached_property
    def _lock(self) -> threading.Lock:
        return threading.Lock()

    def client(self, service: str, credentials: Credentials | None = None, *, attempts: int = 3) -> Any:
        """A boto3 client on this AWS, root's without ``credentials``. Clients are safe to share by threads.

        They are kept; of the roles', which change with each job, those used last. A call is tried ``attempts`` times.
        """
        who = credentials or self._root
        with self._lock:
            client = self._clients.pop((service, who, attempts), None) or self._new_client(service, who, attempts)
            self._clients[service, who, attempts] = client
            roles = [key for key in self._clients if key[1] != self._root]
            for key in roles[:-_CLIENTS_OF_ROLES]:
                del self._clients[key]
            return client

    def _new_client(self, service: str, who: Credentials, attempts: int) -> BaseClient:
        return self._session.client(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id=who.access_key_id,
            aws_secret_access_key=who.secret_access_key,
            aws_session_token=who.session_token,
            config=Config(retries={"total_max_attempts": attempts}, max_pool_connections=32, read_timeout=300),
        )

    def assume(
        self, role_arn: str, session_name: str, service: str, source: str = "", subnets: Sequence[str] = ()
    ) -> Credentials:
        """Credentials of a role that ``service`` assumes; ``source`` is the ARN for which it does.

        Calls with them come from the ``subnets`` of a VPC, and through its endpoints. Raises ``CannotAssume``.
        """
        return self.aws.assume(role_arn, session_name, service, source, subnets)

    def demand(self, credentials: Credentials, *permissions: Permission) -> None:
        """Return if the role behind the credentials has every permission, and count them as used.

        Raises ``NotAuthorized`` at the first that it lacks. Root has them all.
        """
        self.aws.demand(credentials, permissions)

    def allows(self, request: Request, service: str, action: str, resource: str) -> bool:
        """Check signature and permission of a request without a query."""
        return self.aws.allows(request, service, action, resource)

    def acting(self) -> Credentials | None:
        """The credentials of the role that this thread acts for: an execution's, or a stack's; else none."""
        return self.aws.acting()

    def acting_role(self) -> str | None:
        """The name of that role."""
        credentials = self.acting()
        return self.aws.role_name(credentials) if credentials else None

    def emit(self, source: str, detail_type: str, detail: dict, resources: list[str]) -> None:
        """Put an event from an AWS service (``source``) on the default bus."""
        self.aws.emit(source, detail_type, detail, resources)
