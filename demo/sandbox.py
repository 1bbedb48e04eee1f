"""The sandbox's commands, called as a person calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo import processes

LOG = Path("build/demo-sandbox.log")


def running(root: Path) -> bool:
    """Tell whether the sandbox of this checkout runs."""
    return bool(_status(root).get("running"))


def holds_anything(root: Path) -> bool:
    """Tell whether the sandbox holds resources, running or not."""
    return bool(_status(root).get("state"))


def _status(root: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "sandbox", "status", "--json"]  # exit code 1 means that it is down
    answer = subprocess.run(command, check=False, cwd=root, capture_output=True, text=True, timeout=60)
    return json.loads(answer.stdout or "{}")


def up(root: Path, on_line: Callable[[str], None]) -> None:
    """Start the sandbox unless it runs, and wait until it answers. Raises ``CommandFailed``."""
    _run(root, "up", on_line)


def down(root: Path, on_line: Callable[[str], None]) -> None:
    """Stop the sandbox; it keeps its resources. Raises ``CommandFailed``."""
    _run(root, "down", on_line)


def _run(root: Path, what: str, on_line: Callable[[str], None]) -> None:
    processes.run([sys.executable, "-m", "sandbox", what], cwd=root, log=root / LOG, on_line=on_line)
