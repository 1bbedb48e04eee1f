"""One run of a job's processes, one an instance."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.machines.process import signal_group, spawn, terminate

REQUESTED, MAX_RUNTIME, MAX_WAIT, INTERRUPTED = "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded", "Interrupted"
OUT_OF_MEMORY = "OutOfMemory"
_POLL = 0.05


@dataclass(frozen=True)
class Program:
    """The program of one instance: its host's name, its command, and the receiver of its output."""

    host: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: pathlib.Path
    write_line: Callable[[str], None] = field(repr=False)


def stop_grace_seconds() -> float:
    """The time between SIGTERM and SIGKILL: 120 s as on AWS, or SANDBOX_STOP_GRACE_SECONDS."""
    return float(os.environ.get("SANDBOX_STOP_GRACE_SECONDS") or 120)


@dataclass(frozen=True)
class Limit:
    """A time, by time.monotonic(), at which a run is ended, and the reason.

    At OUT_OF_MEMORY the programs are killed outright, and the run ends by their exit status.
    """

    at: float
    reason: str
    grace_seconds: float = field(default_factory=stop_grace_seconds)


@dataclass(frozen=True)
class Outcome:
    """The end of a run: exit status and host of the first failed program, or the reason of a stop."""

    exit_code: int = 0
    host: str | None = None
    stopped: str | None = None


class Watcher(Protocol):
    """An observer of the processes while they run."""

    def look(self, pids: Mapping[str, int]) -> Limit | None:
        """Look at the running processes, by host; called regularly. Returns a limit that ends the run now, if any."""

    def look_last(self, host: str, pid: int) -> None:
        """Look once at a process that has ended and is not reaped yet."""


class Watchers:
    """Several watchers as one."""

    def __init__(self, *watchers: Watcher) -> None:
        self._watchers = watchers

    def look(self, pids: Mapping[str, int]) -> Limit | None:
        return next(filter(None, [watcher.look(pids) for watcher in self._watchers]), None)

    def look_last(self, host: str, pid: int) -> None:
        for watcher in self._watchers:
            watcher.look_last(host, pid)


class Execution:
    """The processes of a job. All methods but `run` may be called from any thread, at any time."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._killed = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def killed(self) -> bool:
        """Tell whether the sandbox itself is ending."""
        return self._killed.is_set()

    @property
    def stopping(self) -> bool:
        """Tell whether a stop was requested."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL after the grace."""
        self._stopping.set()

    def kill(self) -> None:
        """SIGKILL at once, and no other run: the sandbox is ending."""
        self._killed.set()

    def await_end(self, seconds: float) -> None:
        """Return when no process runs, or the time is over."""
        self._idle.wait(seconds)

    def run(
        self,
        programs: Sequence[Program],
        limits: Sequence[Limit],
        announce: Callable[[str], None],
        watcher: Watcher,
    ) -> Outcome:
        """Run to the end of all programs, or of the first that fails: the others are killed then.

        `announce` is told the limit that was reached, before its SIGTERM. A process that ended by a signal has exit
        status 128 + its number, as in a shell.
        """
        self._idle.clear()
        try:
            with self._started(programs):
                outcome = self._wait(limits, announce, watcher)
                for host, process in self._running.items():
                    if process.returncode is None:
                        watcher.look_last(host, process.pid)
                return outcome
        finally:
            self._idle.set()

    @contextlib.contextmanager
    def _started(self, programs: Sequence[Program]) -> Iterator[None]:
        readers = []
        try:
            for program in programs:
                process = spawn(program.command, program.environment, program.folder, subprocess.PIPE)
                self._running[program.host] = process
                readers.append(threading.Thread(target=_read, args=(process, program.write_line), daemon=True))
                readers[-1].start()
            yield
        finally:
            for process in self._running.values():  # descendants that one left would keep its output open
                terminate(process, 0)
            for reader in readers:
                reader.join()
            self._running = {}

    def _wait(self, limits: Sequence[Limit], announce: Callable[[str], None], watcher: Watcher) -> Outcome:
        disturbed: Limit | None = None
        while not self.killed:
            if self.stopping:
                self._terminate(stop_grace_seconds())
                return Outcome(stopped=REQUESTED)
            if reached := _reached(limits) or disturbed:
                if reached.reason != OUT_OF_MEMORY:
                    announce(reached.reason)
                    self._terminate(reached.grace_seconds)
                    return Outcome(stopped=reached.reason)
                for process in self._running.values():
                    signal_group(process, signal.SIGKILL)
            codes = self._reap(watcher)
            if failed := {host: code for host, code in codes.items() if code}:
                return Outcome(next(iter(failed.values())), next(iter(failed)))
            if len(codes) == len(self._running):
                return Outcome()
            disturbed = watcher.look(
                {host: process.pid for host, process in self._running.items() if host not in codes}
            )
            self._killed.wait(_POLL)
        return Outcome(stopped=REQUESTED)

    def _reap(self, watcher: Watcher) -> dict[str, int]:
        """The exit status of every program that has ended, by host."""
        codes = {}
        for host, process in self._running.items():
            if _has_ended(process):
                if process.returncode is None:
                    watcher.look_last(host, process.pid)
                code = process.wait()
                codes[host] = code if code >= 0 else 128 - code
        return codes

    def _terminate(self, grace_seconds: float) -> None:
        """Send SIGTERM to every program and wait. Programs that stay are killed when the run ends."""
        for process in self._running.values():
            signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + grace_seconds
        while time.monotonic() < deadline and not self.killed:
            if all(_has_ended(process) for process in self._running.values()):
                return
            self._killed.wait(_POLL)


def _reached(limits: Sequence[Limit]) -> Limit | None:
    """The earliest limit that has been reached."""
    due = [limit for limit in limits if limit.at <= time.monotonic()]
    return min(due, key=lambda limit: limit.at, default=None)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a child has ended. Its CPU time can be read until it is reaped."""
    if process.returncode is not None:
        return True
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _read(process: subprocess.Popen[bytes], write_line: Callable[[str], None]) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            write_line(line.decode(errors="replace").rstrip("\r\n"))
