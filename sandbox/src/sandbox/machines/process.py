"""Child processes that cannot outlive the sandbox.

Each runs in a session of its own, so that a signal reaches all of its descendants, and asks the kernel for SIGKILL
at the sandbox's death. The kernel sends that signal when the *thread* that forked ends (prctl(2), PR_SET_PDEATHSIG), so
one thread that lives as long as the sandbox starts them all. This file makes the request, as a small program that then
becomes the command: code between fork and exec of a process with threads can deadlock.
The sandbox's keeper (keeper.py) adopts and ends descendants that leave their session or lose their parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def spawn(
    command: Sequence[str], env: Mapping[str, str], cwd: str | pathlib.Path, stdout: int | IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start a command with exactly this environment; its standard error joins its standard output.

    A missing command ends with exit status 127 and a sentence on its output, as in a shell.
    """
    shim = [sys.executable, "-I", "-S", os.path.abspath(__file__), str(os.getpid()), *command]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            shim,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    return _forking_thread().submit(start).result()


@functools.cache
def _forking_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawn")


def terminate(process: subprocess.Popen[bytes], grace_seconds: float) -> int:
    """Send SIGTERM to the group, and SIGKILL to its rest after the grace. Returns the exit status."""
    signal_group(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(grace_seconds)
    signal_group(process, signal.SIGKILL)
    return process.wait()


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the process group; an empty group is not an error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def become(parent: int, command: Sequence[str]) -> None:
    """Tie this process to its parent's life, then become the command. Never returns."""
    _die_with(parent)
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", flush=True)
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        prctl(PR_SET_CHILD_SUBREAPER, 1)  # kept across exec: daemons stay below the command while it lives
        if os.getppid() != parent:  # the parent died before the request
            os._exit(1)
    elif os.fork() == 0:
        _watch(parent)


def _watch(parent: int) -> None:
    """Kill the group after the parent's death, on kernels without such a signal."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    leader = os.getppid()
    while os.getppid() == leader:
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            os.killpg(0, signal.SIGKILL)
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
