"""Child processes that cannot outlive the sandbox.

Each runs in a session of its own, so that a signal reaches all of its descendants, and asks the kernel for SIGKILL
at the sandbox's death. The kernel sends that signal when the *thread* that forked ends (prctl(2), PR_SET_PDEATHSIG), so
one thread that lives as long as the sandbox starts them all. The request is made by this file, run as a small program
that then becomes the command: code between fork and exec of a process with threads can deadlock.
Descendants that leave their session, or lose their parent, go to the sandbox's keeper (keeper.py), and end.
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
    """Start a command with exactly this environment; its standard error goes where its standard output goes.

    A command that does not exist ends with exit status 127 and a sentence on its output, as in a shell.
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
    """SIGTERM to the whole group, SIGKILL to what is left of it after the grace. Returns the exit status."""
    signal_group(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(grace_seconds)
    signal_group(process, signal.SIGKILL)
    return process.wait()


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the process and all its descendants in its group; none left is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def become(parent: int, command: Sequence[str]) -> None:
    """Tie this process to its parent's life, then turn into the command. Never returns."""
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
        prctl(PR_SET_CHILD_SUBREAPER, 1)  # kept across exec: its daemons stay below it while it lives
        if os.getppid() != parent:  # it died before the request was made
            os._exit(1)
    elif os.fork() == 0:
        _watch(parent)


def _watch(parent: int) -> None:
    """Where the kernel offers no such signal: a process that looks for the parent and kills the group after it."""
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
