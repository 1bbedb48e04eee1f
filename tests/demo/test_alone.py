"""A second demo says who runs the first, and the first leaves no lock behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from outcome import ROOT
from waiting import until

from demo.alone import LOCK, alone
from operations.errors import Failed

HOLDER = """
import time
from demo.alone import alone
with alone("make demo"):
    print("held", flush=True)
    time.sleep(300)
"""


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_lock_ends_with_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: signal.Signals) -> None:
    monkeypatch.setenv("CDK_OUTPUT", str(tmp_path / "cdk.out"))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    try:
        with pytest.raises(Failed) as refused, alone("make down"):
            pass
        assert str(refused.value).startswith(f"`make demo` runs as process {holder.pid} since ")
        assert "or end it with Ctrl-C there; then run `make down` again" in str(refused.value)
    finally:
        holder.send_signal(end)
        holder.wait(60)
    with alone("make down"):
        assert f"process {os.getpid()}" in (tmp_path / "cdk.out" / LOCK).read_text()


@pytest.mark.parametrize("command", [("-m", "demo"), ("-m", "demo", "down")])
def test_a_second_command_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    for name in ("CDK_OUTPUT", "SANDBOX_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    with alone("make demo"):
        ended = subprocess.run(
            [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
    assert ended.returncode == 1
    assert f"`make demo` runs as process {os.getpid()} since" in ended.stdout
    assert not (tmp_path / "SANDBOX_HOME" / "server.json").exists()


def test_the_lock_is_no_children_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that the demo started, such as the sandbox, may outlive it."""
    monkeypatch.setenv("CDK_OUTPUT", str(tmp_path))
    with alone("make demo"):
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        with alone("make demo"):
            until(lambda: child.poll() is None)
    finally:
        child.kill()
        child.wait()
