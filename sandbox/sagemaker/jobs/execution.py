"""One run of a job's process: output to the log, stopped on request or at its time limit."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.process import signal_group, spawn, terminate

REQUESTED, MAX_RUNTIME = "Stopped", "MaxRuntimeExceeded"
_POLL = 0.1


@dataclass(frozen=True)
class Outcome:
    """How a process ended: its exit status, and why it was stopped, if it was."""

    exit_code: int
    stopped: str | None


def stop_grace_seconds() -> float:
    """The time between SIGTERM and SIGKILL: 120 s as on AWS, or SANDBOX_STOP_GRACE_SECONDS."""
    return float(os.environ.get("SANDBOX_STOP_GRACE_SECONDS") or 120)


class Execution:
    """A process of a job; `stop` and `kill` may be called from any thread, before it starts as well."""

    def __init__(self, write_line: Callable[[str], None]) -> None:
        self._write_line = write_line
        self._stopping = threading.Event()
        self._killed = threading.Event()
        self._idle = threading.Event()
        self._idle.set()

    @property
    def killed(self) -> bool:
        """Whether the sandbox itself is ending."""
        return self._killed.is_set()

    @property
    def stopping(self) -> bool:
        """Whether somebody asked for a stop."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL after the grace."""
        self._stopping.set()

    def kill(self) -> None:
        """SIGKILL at once."""
        self._killed.set()

    def await_end(self, seconds: float) -> None:
        """Return when no process runs, or the time is over."""
        self._idle.wait(seconds)

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], folder: pathlib.Path, max_runtime: int
    ) -> Outcome:
        """Run to the end. Returns the outcome; a process ended by a signal has 128 + its number, as in a shell."""
        self._idle.clear()
        try:
            return self._run(spawn(command, environment, folder, subprocess.PIPE), max_runtime)
        finally:
            self._idle.set()

    def _run(self, process: subprocess.Popen[bytes], max_runtime: int) -> Outcome:
        reader = threading.Thread(target=self._read, args=(process,), name="job output", daemon=True)
        reader.start()
        stopped = self._wait(process, time.monotonic() + max_runtime)
        signal_group(process, signal.SIGKILL)  # descendants that it left would keep the output open
        reader.join()
        code = process.returncode
        return Outcome(code if code >= 0 else 128 - code, stopped)

    def _wait(self, process: subprocess.Popen[bytes], deadline: float) -> str | None:
        """Why it was stopped; None if it ended by itself."""
        while process.poll() is None:
            if self.killed:
                terminate(process, 0)
                return REQUESTED
            if self.stopping or time.monotonic() > deadline:
                reason = REQUESTED if self.stopping else MAX_RUNTIME
                self._terminate(process)
                return reason
            self._killed.wait(_POLL / 2)
        return None

    def _terminate(self, process: subprocess.Popen[bytes]) -> None:
        signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + stop_grace_seconds()
        while process.poll() is None and time.monotonic() < deadline and not self.killed:
            self._killed.wait(_POLL)
        terminate(process, 0)

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._write_line(line.decode(errors="replace").rstrip("\r\n"))
