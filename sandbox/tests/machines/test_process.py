"""Children of the sandbox: their environment, their end, and that none outlives it."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

import psutil
import pytest
from own_sandbox import ROOT
from sandbox.machines.process import spawn, terminate
from waiting import until

PATH = {"PATH": os.defpath}


def run(command: list[str], cwd: pathlib.Path, env: dict[str, str] = PATH) -> tuple[int, str]:
    process = spawn(command, env, cwd, subprocess.PIPE)
    printed, _ = process.communicate(timeout=60)
    return process.returncode, printed.decode()


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_runs_in_its_folder_with_exactly_its_environment(tmp_path: pathlib.Path) -> None:
    code, printed = run(["/bin/sh", "-c", "pwd; env"], tmp_path, {"PATH": os.defpath, "LANG": "C.UTF-8", "MARK": "1"})
    assert code == 0
    names = {line.partition("=")[0] for line in printed.splitlines()[1:]}
    assert printed.splitlines()[0] == str(tmp_path)
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "LANG", "MARK"}


def test_standard_error_goes_where_standard_output_goes(tmp_path: pathlib.Path) -> None:
    assert run(["sh", "-c", "echo out; echo err >&2"], tmp_path) == (0, "out\nerr\n")


def test_a_missing_command_ends_as_in_a_shell(tmp_path: pathlib.Path) -> None:
    assert run(["no-such-command"], tmp_path) == (127, "no-such-command: No such file or directory\n")


def test_terminate_lets_the_process_finish(tmp_path: pathlib.Path) -> None:
    process = spawn(["sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"], PATH, tmp_path, -1)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    assert terminate(process, 10) == 7


def test_terminate_kills_after_the_grace(tmp_path: pathlib.Path) -> None:
    process = spawn(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"], PATH, tmp_path, -1)
    assert process.stdout is not None
    process.stdout.readline()
    started = time.monotonic()
    assert terminate(process, 0.3) == -signal.SIGKILL
    assert 0.3 <= time.monotonic() - started < 60


def test_terminate_reaches_descendants(tmp_path: pathlib.Path) -> None:
    process = spawn(["sh", "-c", "sleep 300 & echo $!; wait"], PATH, tmp_path, -1)
    assert process.stdout is not None
    descendant = int(process.stdout.readline())
    terminate(process, 5)
    until(lambda: gone(descendant))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_the_sandbox(tmp_path: pathlib.Path, number: signal.Signals) -> None:
    """The parent is killed, so that no code of its own can clean up."""
    script = (
        "import threading, time; from sandbox.machines.process import spawn\n"
        "start = lambda: print(spawn(['sleep', '300'], {'PATH': '/usr/bin:/bin'}, '/', None).pid, flush=True)\n"
        "thread = threading.Thread(target=start); thread.start(); thread.join(); time.sleep(300)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(0.5)  # the thread that asked for it has ended, and the child lives on
        assert not gone(child)
    finally:
        parent.send_signal(number)
        parent.wait()
    until(lambda: gone(child))
