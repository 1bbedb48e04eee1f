"""A sandbox of a test's own, that can be stopped, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from conftest import ROOT, free_port

Answer = subprocess.CompletedProcess[str]


class OwnSandbox:
    """One folder and one port; `up`, `down` and `reset` are the commands that a person types."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SANDBOX_"))}
        self.environment = clean | {
            "SANDBOX_HOME": str(home),
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_STOP_GRACE_SECONDS": "5",
        }

    def command(self, *arguments: str, **environment: str) -> Answer:
        return subprocess.run(
            [sys.executable, "-m", "sandbox", *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def up(self) -> None:
        answer = self.command("up")
        assert answer.returncode == 0, answer.stdout + answer.stderr

    def down(self) -> None:
        answer = self.command("down")
        assert answer.returncode == 0, answer.stdout + answer.stderr

    @property
    def server(self) -> psutil.Process:
        return psutil.Process(json.loads((self.home / "server.json").read_text())["pid"])

    def kill(self) -> None:
        """kill -9 of the server, in whatever it is doing; its keeper ends what it leaves."""
        server = self.server
        keeper = server.parent()
        server.send_signal(signal.SIGKILL)
        psutil.wait_procs([server, keeper], timeout=10)

    def saved(self) -> None:
        """Wait for a save that began after this call: two, as the first may have been under way."""
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

    def aws(self, service: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        once = Config(retries={"total_max_attempts": 1})
        url = f"http://127.0.0.1:{self.port}"
        return boto3.client(service, endpoint_url=url, region_name="us-east-1", config=once, **keys)


def until(holds: Callable[[], Any], within: float = 20.0) -> Any:
    """What a condition returns once it is true."""
    deadline = time.monotonic() + within
    while not (found := holds()):
        if time.monotonic() > deadline:
            pytest.fail("the condition did not come true")
        time.sleep(0.02)
    return found
