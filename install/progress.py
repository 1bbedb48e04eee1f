"""The display of an installation: one line that changes on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from install.refused import Refused

BEAT_SECONDS = 10.0
_TOLD = 8
_LISTED = " +~"  # begins the lines of uv's list of packages


class Progress:
    """Runs the programs of one part, and shows their newest line."""

    def __init__(self, log: Path, out: IO[str] = sys.stdout) -> None:
        self._log, self._out = log, out
        self._part = ""
        self._began = self._said = 0.0
        self._lines: list[str] = []

    def say(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()

    def begin(self, part: str, takes: str) -> None:
        """Name the part that begins, and what a person may expect of it."""
        self._part, self._lines = part, []
        self._began = self._said = time.monotonic()
        self.say(f"{part}: {takes} ...")

    def end(self) -> None:
        self.say(f"{self._part}: done in {self._seconds()} s")

    def run(self, *command: str) -> None:
        """Run a program of this part to its end. Raises ``Refused`` with its last lines if it fails."""
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment()
        )
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                reader.join(0.2)
                self._beat()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            if self._out.isatty():
                self._rewrite("")
        if process.wait():
            told = "\n".join(f"  {line}" for line in self._lines[-_TOLD:])
            raise Refused(
                f"{self._part}: {command[0]} ended with exit code {process.returncode}:\n{told}\n"
                f"More is in: {self._log}"
            )

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            for line in process.stdout or ():
                text = line.decode(errors="replace").rstrip()
                log.write(f"{text}\n")
                if text:
                    self._lines.append(text)

    def _beat(self) -> None:
        shown = [line for line in self._lines[-_TOLD:] if line[0] not in _LISTED]
        text = f"  {self._seconds()} s  {shown[-1] if shown else ''}".rstrip()
        if self._out.isatty():
            self._rewrite(text)
        elif time.monotonic() - self._said >= BEAT_SECONDS:
            self._said = time.monotonic()
            self.say(text)

    def _rewrite(self, text: str) -> None:
        self._out.write("\r" + text[: shutil.get_terminal_size().columns - 1] + "\x1b[K")
        self._out.flush()

    def _seconds(self) -> int:
        return round(time.monotonic() - self._began)


def _environment() -> dict[str, str]:
    """This process's variables with the checkout's programs in front: npm starts node by its name."""
    path = os.pathsep.join([str(Path.cwd() / ".venv" / "bin"), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path}
