"""The duration of `make demo` by phase, from a fresh clone and again.

    python -m benchmarks.demo_phases        # about 8 minutes on 2 cores; installs into a temporary clone

Clones the last commit of this checkout, so that local files cannot help. The package caches of uv and npm are those of
the clone, hence empty: the first run downloads everything. Prints a table and writes build/benchmarks/demo_phases.json.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.conditions import Conditions
from benchmarks.results import write
from benchmarks.running import ROOT
from operations.terminal.render import duration, table

RUNS = ("first", "again")


def main() -> None:
    """Measure, print, write. Exit code 1 if a run fails."""
    console = Console(soft_wrap=True, highlight=False)
    with Conditions() as conditions, tempfile.TemporaryDirectory(prefix="slipway-demo-") as folder:
        clone = Path(folder) / "checkout"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        require_nothing_installed(clone)
        variables = isolated()
        try:
            runs = {run: measure(clone, variables) for run in RUNS}
        finally:
            subprocess.run(["make", "--silent", "down"], cwd=clone, env=variables, check=False)
    console.print(table("make demo", ("phase", *RUNS), rows(runs)))
    write("demo_phases", {"commit": commit(), "runs": runs}, conditions)


def require_nothing_installed(clone: Path) -> None:
    """Exit if the commit contains tools: nothing would be installed, or it would follow a link."""
    for name in (".venv", "node_modules"):
        if os.path.lexists(clone / name):
            sys.exit(f"The commit holds {name}, so its clone is not fresh: remove it from git first.")


def measure(clone: Path, variables: dict[str, str]) -> dict[str, Any]:
    """The figures of one run, with the installation: the time of make besides the demo."""
    began = time.perf_counter()
    ended = subprocess.run(["make", "--silent", "demo"], cwd=clone, env=variables, check=False)
    wall = time.perf_counter() - began
    if ended.returncode:
        sys.exit(f"`make demo` ended with exit code {ended.returncode}; see {clone}/build")
    figures = json.loads((clone / "build/demo.json").read_text())
    return {**figures, "install_seconds": max(wall - figures["total_seconds"], 0.0), "wall_seconds": wall}


def rows(runs: dict[str, dict[str, Any]]) -> list[tuple[str, ...]]:
    """A row a phase: installation first, the whole last."""
    phases = list(runs[RUNS[0]]["phases"])
    return [
        ("install", *(duration(runs[run]["install_seconds"]) for run in RUNS)),
        *((phase, *(duration(runs[run]["phases"][phase]) for run in RUNS)) for phase in phases),
        ("in all", *(duration(runs[run]["wall_seconds"]) for run in RUNS)),
        ("accuracy", *(f"{runs[run]['accuracy']:.2%}" for run in RUNS)),
        ("resources deployed", *(str(runs[run]["resources_deployed"]) for run in RUNS)),
    ]


def commit() -> str:
    """The commit that was cloned."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True)
    return found.stdout.strip()


def isolated() -> dict[str, str]:
    """This process's environment without this checkout's tools, with another port for the clone."""
    path = [part for part in os.environ["PATH"].split(os.pathsep) if not part.startswith(str(ROOT))]
    dropped = ("AWS_", "MAKE", "MFLAGS", "SANDBOX_", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {**kept, "PATH": os.pathsep.join(path), "SANDBOX_PORT": str(port)}


if __name__ == "__main__":
    main()
