"""The sandbox's commands, as a person types them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_sandbox import OwnSandbox, free_port


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[OwnSandbox]:
    """A sandbox that does not run, on a port that another program holds."""
    down = OwnSandbox(tmp_path)
    with socket.create_server(("127.0.0.1", down.port)):
        yield down


def test_port_in_use_is_one_sentence(elsewhere: OwnSandbox) -> None:
    result = elsewhere.command("up")
    assert result.returncode == 1
    assert "is taken by another program" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SANDBOX_PORT", "http", "SANDBOX_PORT is 'http', expected a port from 1 to 65535"),
        ("SANDBOX_PORT", "0", "SANDBOX_PORT is '0', expected a port from 1 to 65535"),
        ("SANDBOX_PORT", "65536", "SANDBOX_PORT is '65536', expected a port from 1 to 65535"),
        ("SANDBOX_TIME_SCALE", "fast", "SANDBOX_TIME_SCALE is 'fast', expected a positive number"),
        ("SANDBOX_TIME_SCALE", "0", "SANDBOX_TIME_SCALE is '0', expected a positive number"),
        ("SANDBOX_TIME_SCALE", "inf", "SANDBOX_TIME_SCALE is 'inf', expected a positive number"),
        ("SANDBOX_BOUND_TO", "make", "SANDBOX_BOUND_TO is 'make', expected the number of a process"),
        ("SANDBOX_BOUND_TO", "0", "SANDBOX_BOUND_TO is '0', expected the number of a process"),
        ("SANDBOX_HOME", __file__, f"SANDBOX_HOME is '{__file__}', which is a file"),
    ],
)
def test_refused_settings(elsewhere: OwnSandbox, name: str, value: str, said: str) -> None:
    result = elsewhere.command("up", **{name: value})
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(said)
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_made_is_one_sentence(elsewhere: OwnSandbox) -> None:
    result = elsewhere.command("up", SANDBOX_HOME="/proc/sandbox", SANDBOX_PORT=str(free_port()))
    assert result.returncode == 1
    assert result.stderr.startswith("The folder /proc/sandbox cannot be made")


def test_a_process_that_has_ended_holds_no_sandbox(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    result = OwnSandbox(tmp_path).command("up", SANDBOX_BOUND_TO=str(ended.pid))
    assert result.returncode == 1
    assert result.stderr.startswith(f"SANDBOX_BOUND_TO is {ended.pid}, and no such process runs.")


def test_down_without_a_sandbox(elsewhere: OwnSandbox) -> None:
    assert elsewhere.command("down").stdout == "The sandbox was not running.\n"


def test_status_without_a_sandbox(elsewhere: OwnSandbox) -> None:
    result = elsewhere.command("status", "--json")
    assert (result.returncode, json.loads(result.stdout)["running"]) == (1, False)


def test_logs_without_a_sandbox(elsewhere: OwnSandbox) -> None:
    assert elsewhere.command("logs").returncode == 2


def test_env_keeps_a_real_account_away(elsewhere: OwnSandbox) -> None:
    lines = elsewhere.command("env", AWS_PROFILE="production").stdout
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
    assert seen["AWS_ENDPOINT_URL"] == elsewhere.url
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == seen["AWS_CONFIG_FILE"] == os.devnull
    assert seen["AWS_ACCESS_KEY_ID"] == "test"


def test_running_sandbox_is_found_again(sandbox: OwnSandbox) -> None:
    assert sandbox.run("up").startswith("The sandbox runs already")


def test_a_sandbox_on_another_port_is_named(sandbox: OwnSandbox) -> None:
    result = sandbox.command("up", SANDBOX_PORT=str(free_port()))
    assert result.returncode == 1
    assert f"runs already, on port {sandbox.port}" in result.stderr


def test_access_without_such_a_role(sandbox: OwnSandbox) -> None:
    assert sandbox.run("access", "--role", "no-such-*") == "The sandbox has no role named no-such-*.\n"
