"""Connections to AWS or to the sandbox, and the check of the account."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from operations.errors import BadInput
from specs import EnvironmentSpec
from specs.environment import SANDBOX_ACCOUNT
from specs.reach import misdirected

if TYPE_CHECKING:
    import boto3  # half a second: only a command that connects pays for it
    from botocore.credentials import Credentials

_ATTEMPTS = 5


class Connection:
    """Clients for one environment's account and region, one a service."""

    def __init__(self, environment: EnvironmentSpec, session: boto3.Session, endpoint_url: str | None = None) -> None:
        self.environment = environment
        self._session = session
        self.endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        """The client of a service ("s3", "sagemaker", ...)."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new(service, _ATTEMPTS)
            return self._clients[service]

    def credentials(self) -> Credentials:
        """The caller's credentials, for requests that no client of boto3 makes."""
        return self._session.get_credentials()

    def account(self) -> str:
        """The account of these credentials. A sandbox that does not run is reported at once, without retries."""
        attempts = 1 if self.endpoint_url else _ATTEMPTS
        return self._new("sts", attempts).get_caller_identity()["Account"]

    def _new(self, service: str, attempts: int) -> Any:
        config = _config(self.endpoint_url, attempts)
        return self._session.client(service, endpoint_url=self.endpoint_url, config=config)


def connect(environment: EnvironmentSpec) -> Connection:
    """Connect, and check that the caller is in the environment's account.

    Raises ``BadInput`` for a placeholder account, for another account, and, before any network call, for a sandbox
    environment with an endpoint URL that leaves this machine, or the reverse.
    """
    if environment.has_placeholder_account:
        raise BadInput(
            f"{environment.account_line}: {environment.account} is a placeholder. Write your AWS account there first."
        )
    endpoint_url = sandbox_url(environment)

    import boto3

    connection = Connection(environment, boto3.Session(region_name=environment.region), endpoint_url)
    account = connection.account()
    if account != environment.account:
        raise BadInput(
            f"These credentials belong to account {account}, but environment {environment.name} is in account "
            f"{environment.account} ({environment.account_line}). Use credentials of {environment.account}."
        )
    return connection


def sandbox_url(environment: EnvironmentSpec) -> str | None:
    """The sandbox's URL for the sandbox's environment, None for one on AWS. Raises ``BadInput``."""
    if (sentence := misdirected(environment, os.environ)) is not None:
        raise BadInput(sentence)
    return os.environ["AWS_ENDPOINT_URL"] if environment.account == SANDBOX_ACCOUNT else None


def _config(endpoint_url: str | None, attempts: int) -> Any:
    from botocore.config import Config

    # An empty dictionary of proxies: HTTP_PROXY must not redirect calls to the sandbox.
    proxies: dict[str, str] | None = {} if endpoint_url else None
    retries = {"mode": "standard", "total_max_attempts": attempts}
    return Config(proxies=proxies, connect_timeout=10, read_timeout=120, retries=retries)
