"""The measurements of a run of the demo, and their file build/demo.json."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.measure import Latency

PATH = Path("build/demo.json")


@dataclass
class Figures:
    """Accuracy from 0 to 1, times in seconds, latencies in milliseconds."""

    resources_deployed: int = 0
    phases: dict[str, float] = field(default_factory=dict)
    workflow: dict[str, float] = field(default_factory=dict)
    version: int | None = None
    accuracy: float | None = None
    requests: int = 0
    latency: Latency | None = None
    mistakes: int | None = None
    total_seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        """The content of build/demo.json; `requests` counts the answered ones, without the warm-up."""
        latency = {"p50": round(self.latency.p50, 3), "p99": round(self.latency.p99, 3)} if self.latency else None
        return {
            "accuracy": self.accuracy,
            "mistakes": self.mistakes,
            "requests": self.requests,
            "latency_ms": latency,
            "version": self.version,
            "resources_deployed": self.resources_deployed,
            "phases": {name: round(seconds, 3) for name, seconds in self.phases.items()},
            "workflow": {name: round(seconds, 3) for name, seconds in self.workflow.items()},
            "total_seconds": round(self.total_seconds, 3),
        }

    def write(self, root: Path) -> Path:
        """Write build/demo.json and return its path."""
        path = root / PATH
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.document(), indent=2) + "\n")
        return path
