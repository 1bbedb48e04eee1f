"""The demo's programs, with output to a log and, line by line, to a function."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

INTERRUPT_SECONDS = 10.0


class CommandFailed(Exception):
    """When a program ends with an exit code other than 0."""

    def __init__(self, command: Sequence[str], code: int, log: Path, last: Sequence[str]) -> None:
        self.log = log
        said = "\n".join(f"  {line}" for line in last)
        super().__init__(f"`{' '.join([Path(command[0]).name, *command[1:]])}` ended with exit code {code}:\n{said}")


def run(command: Sequence[str], *, cwd: Path, log: Path, on_line: Callable[[str], None]) -> None:
    """Run a program to its end, in a session of its own.

    So Ctrl-C reaches only this process; it then ends the program and its children. Raises ``CommandFailed``.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    last: list[str] = []
    with log.open("a") as file:
        file.write(f"$ {' '.join(command)}\n")
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            for line in process.stdout or ():
                file.write(line)
                file.flush()
                if line.strip():
                    last = [*last[-7:], line.rstrip()]
                    on_line(line.rstrip())
            code = process.wait()
        except BaseException:
            end(process)
            raise
    if code:
        raise CommandFailed(command, code, log, last)


def end(process: subprocess.Popen[str]) -> None:
    """Interrupt a program's process group, then kill the rest."""
    for signum in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, signum)
        except ProcessLookupError:
            break
        if signum is signal.SIGINT:
            try:
                process.wait(INTERRUPT_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    process.wait()
    if process.stdout:
        process.stdout.close()
