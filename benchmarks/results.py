"""The files of the benchmarks' results, and the description of the machine."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.running import ROOT

FOLDER = ROOT / "build" / "benchmarks"


def machine() -> str:
    """The machine and its load, in words."""
    return f"{platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"


def write(name: str, result: dict[str, Any]) -> Path:
    """Write build/benchmarks/NAME.json, and print its path."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written to {path.relative_to(ROOT)}")
    return path
