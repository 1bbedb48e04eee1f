"""A sandbox of the tests' own: a folder and a port, started, stopped and killed as a person does it."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
from botocore.config import Config
from waiting import until

ROOT = Path(__file__).resolve().parents[3]
FOREIGN = ("AWS_", "CDK_", "SANDBOX_")
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}

Answer = subprocess.CompletedProcess[str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OwnSandbox:
    """A sandbox that is down at first, and ends with this process.

    `variables` are added to its environment; a `launcher` is a command before each of its commands.
    """

    def __init__(self, home: Path, **variables: str) -> None:
        self.home, self.port = home, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        here = {"SANDBOX_HOME": str(home), "SANDBOX_PORT": str(self.port), "SANDBOX_BOUND_TO": str(os.getpid())}
        self.environment = clean | here | variables
        self.launcher: list[str] = []

    def command(self, *arguments: str, **variables: str) -> Answer:
        """Run `python -m sandbox ...` to its end."""
        command = [*self.launcher, sys.executable, "-m", "sandbox", *arguments]
        environment = self.environment | variables
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def run(self, *arguments: str) -> str:
        """Run a command that must succeed; returns its output."""
        answer = self.command(*arguments)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    def up(self) -> None:
        self.run("up")

    def down(self) -> None:
        self.run("down")

    @contextlib.contextmanager
    def running(self) -> Iterator[OwnSandbox]:
        self.up()
        try:
            yield self
        finally:
            self.down()

    @functools.cached_property
    def exports(self) -> dict[str, str]:
        """The variables of `sandbox env`, which point AWS clients and the CDK here."""
        lines = [line.removeprefix("export ") for line in self.run("env").splitlines() if line.startswith("export ")]
        return dict(shlex.split(line)[0].split("=", 1) for line in lines)

    def aws(self, service: str, **options: Any) -> Any:
        """A boto3 client with root's keys, which does not retry; `options` replace these."""
        once = Config(retries={"total_max_attempts": 1})
        defaults = {"endpoint_url": self.url, "region_name": "us-east-1", "config": once, **KEYS}
        return boto3.client(service, **defaults | options)

    @property
    def server(self) -> psutil.Process:
        return psutil.Process(json.loads((self.home / "server.json").read_text())["pid"])

    def kill(self) -> None:
        """Kill the server as `kill -9` does, and wait for its keeper."""
        server = self.server
        keeper = server.parent()
        server.send_signal(signal.SIGKILL)
        _, alive = psutil.wait_procs([server, keeper], timeout=60)
        assert not alive, "the server or its keeper is left"

    def saved(self) -> None:
        """Wait for a save that began after this call: the second one, as the first may have been under way."""
        for _ in range(2):
            before = self.generation
            self.aws("ssm").put_parameter(Name="/test/saved", Value=str(time.time_ns()), Type="String", Overwrite=True)
            until(lambda former=before: self.generation > former)

    @property
    def generation(self) -> int:
        try:
            return json.loads((self.home / "state" / "manifest.json").read_text())["generation"]
        except FileNotFoundError:
            return 0
