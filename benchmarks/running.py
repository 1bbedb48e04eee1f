"""Servers of a benchmark: a sandbox and commands, each stopped at the end of its block."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without variables of an AWS account or another sandbox."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SANDBOX_"))}
    return {**kept, "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": str(ROOT), **variables}


@contextlib.contextmanager
def sandbox(home: Path) -> Iterator[int]:
    """The port of a running sandbox."""
    port = free_port()
    variables = environment(SANDBOX_HOME=str(home), SANDBOX_PORT=str(port), SANDBOX_BOUND_TO=str(os.getpid()))
    command = [sys.executable, "-m", "sandbox"]
    subprocess.run([*command, "up"], env=variables, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    try:
        yield port
    finally:
        subprocess.run([*command, "down"], env=variables, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def command(words: list[str], port: int, log: Path, seconds: float = 180) -> Iterator[None]:
    """A command that listens on the port; its output goes to a file."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            words, env=environment(), cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        deadline = time.monotonic() + seconds
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{words[0]} does not listen on port {port}:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def client(service: str, port: int, **credentials: Any) -> Any:
    """A boto3 client of the sandbox, as root unless credentials say otherwise."""
    import boto3

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", **credentials}
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", **keys)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
