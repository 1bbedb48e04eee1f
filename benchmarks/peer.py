"""PyTorch beside a training benchmark, if `make bench-peer` has installed it."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from benchmarks.running import ROOT, environment

PYTHON = ROOT / ".cache" / "pytorch" / "bin" / "python"


def pytorch_rate(model: str, batch_size: int = 256, steps: int = 40) -> dict[str, Any] | None:
    """Run benchmarks/pytorch_rates.py for `cnn`, `lstm` or `gan`; None if PyTorch is not installed."""
    if not PYTHON.exists():
        return None
    words = [str(PYTHON), "benchmarks/pytorch_rates.py", model, "--batch-size", str(batch_size), "--steps", str(steps)]
    found = subprocess.run(words, cwd=ROOT, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(found.stdout)
