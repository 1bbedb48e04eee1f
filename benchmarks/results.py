"""The files of the benchmarks' results."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.conditions import MOST, Conditions
from benchmarks.running import ROOT

FOLDER = ROOT / "build" / "benchmarks"


def write(name: str, result: dict[str, Any], conditions: Conditions) -> Path:
    """Write build/benchmarks/NAME.json, and print its path and the load of other programs.

    Exits with status 1, and writes nothing, if that load was too high for a ratio.
    """
    load, path = conditions.load, FOLDER / f"{name}.json"
    print(f"other programs: {load.before:.1f} runnable threads before, {load.during:.1f} during")
    if not load.is_low:
        raise SystemExit(
            f"Above {MOST:g} runnable threads of other programs no ratio counts, and {path.relative_to(ROOT)} is not "
            "written: stop these programs, and measure again."
        )
    machine = {"processor": conditions.processor, "load_of_others": asdict(load)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine} | result, indent=2) + "\n")
    print(f"written to {path.relative_to(ROOT)}")
    return path
