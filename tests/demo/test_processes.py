"""Programs that the demo starts: followed line by line, logged, and never left behind."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from demo import processes

# A shell that runs the tests in the background has interrupts ignored, and children inherit that.
PARENT = (
    "import signal, subprocess, sys, time;"
    "signal.signal(signal.SIGINT, signal.default_int_handler);"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(child.pid, flush=True); time.sleep(600)"
)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_lines_are_followed_and_logged(tmp_path: Path) -> None:
    lines: list[str] = []
    script = "import sys; print('one'); print('two', file=sys.stderr, flush=True); print()"
    processes.run([sys.executable, "-uc", script], cwd=tmp_path, log=tmp_path / "build/log", on_line=lines.append)
    assert sorted(lines) == ["one", "two"]
    assert (tmp_path / "build/log").read_text().startswith(f"$ {sys.executable}")


def test_a_failure_says_the_command_its_code_and_its_last_lines(tmp_path: Path) -> None:
    script = "print('no bucket'); raise SystemExit(3)"
    with pytest.raises(processes.CommandFailed, match=r"(?s)ended with exit code 3.*no bucket") as failure:
        processes.run([sys.executable, "-c", script], cwd=tmp_path, log=tmp_path / "log", on_line=lambda line: None)
    assert failure.value.log == tmp_path / "log"


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks processes up in /proc")
def test_an_interrupted_program_leaves_no_process(tmp_path: Path) -> None:
    seen: list[int] = []

    def interrupt(line: str) -> None:
        seen.append(int(line))
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        processes.run([sys.executable, "-c", PARENT], cwd=tmp_path, log=tmp_path / "log", on_line=interrupt)
    deadline = time.monotonic() + 5
    while alive(seen[0]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(seen[0])
    assert time.monotonic() - began < processes.INTERRUPT_SECONDS
