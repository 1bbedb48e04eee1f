"""The sandbox's commands, as a person types them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def command_line(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", *arguments]
    return subprocess.run(command, env=os.environ | environment, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """A sandbox that does not run, on a port that another program holds."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield {"SANDBOX_HOME": str(tmp_path), "SANDBOX_PORT": str(taken.getsockname()[1])}


def test_port_in_use_is_one_sentence(elsewhere) -> None:
    result = command_line(elsewhere, "up")
    assert result.returncode == 1
    assert "is taken by another program" in result.stderr
    assert "Traceback" not in result.stderr


def test_down_without_a_sandbox(elsewhere) -> None:
    assert command_line(elsewhere, "down").stdout == "The sandbox was not running.\n"


def test_status_without_a_sandbox(elsewhere) -> None:
    result = command_line(elsewhere, "status", "--json")
    assert (result.returncode, json.loads(result.stdout)["running"]) == (1, False)


def test_logs_without_a_sandbox(elsewhere) -> None:
    assert command_line(elsewhere, "logs").returncode == 2


def test_env_keeps_a_real_account_away(elsewhere) -> None:
    lines = command_line(elsewhere | {"AWS_PROFILE": "production"}, "env").stdout
    command = f"{lines}\nenv"
    shell = subprocess.run(
        ["bash", "-c", command],
        env=os.environ | {"AWS_PROFILE": "production"},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = dict(line.split("=", 1) for line in shell.stdout.splitlines() if line.startswith("AWS_"))
    assert "AWS_PROFILE" not in seen
    assert seen["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{elsewhere['SANDBOX_PORT']}"
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == seen["AWS_CONFIG_FILE"] == os.devnull
    assert seen["AWS_ACCESS_KEY_ID"] == "test"


def test_running_sandbox_is_found_again(sandbox) -> None:
    again = command_line(sandbox, "up")
    assert again.stdout.startswith("The sandbox runs already")
