"""A real sandbox for the tests: they speak boto3 only, as any client would."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from fault_lab import Declared

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a running sandbox: SANDBOX_HOME, SANDBOX_PORT and what its ``env`` command prints."""
    home = tmp_path_factory.mktemp("sandbox")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"SANDBOX_HOME": str(home), "SANDBOX_PORT": str(free_port()), "SANDBOX_STOP_GRACE_SECONDS": "5"}
    environment |= {"SANDBOX_TIME_SCALE": "240"}  # what takes four minutes on AWS takes a second
    command = [sys.executable, "-m", "sandbox"]
    subprocess.run([*command, "up"], env=environment, cwd=ROOT, check=True)
    try:
        yield environment | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{environment['SANDBOX_PORT']}"}
    finally:
        subprocess.run([*command, "down"], env=environment, cwd=ROOT, check=True)


@pytest.fixture(scope="session")
def aws(sandbox: dict[str, str]) -> Callable[[str], Any]:
    """A factory of boto3 clients on the sandbox, with root's credentials."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=sandbox["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )

    return client


@pytest.fixture
def fault(sandbox: dict[str, str]) -> Iterator[Declared]:
    """Declare faults for one test: fault("capacity", instance_type="ml.m5.large")."""
    declared = Declared(sandbox)
    yield declared
    declared.end()
