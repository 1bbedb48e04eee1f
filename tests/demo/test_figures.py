"""build/demo.json."""

from __future__ import annotations

import json
from pathlib import Path

from demo.figures import Figures
from demo.measure import Latency


def test_the_document_has_the_members_that_programs_read(tmp_path: Path) -> None:
    figures = Figures(
        resources_deployed=40,
        phases={"deploy": 12.3456},
        workflow={"Train": 3.0},
        version=2,
        accuracy=0.9921,
        requests=600,
        latency=Latency(500, 3.21049, 9.8),
        mistakes=79,
        total_seconds=100.00049,
    )
    assert json.loads(figures.write(tmp_path).read_text()) == {
        "accuracy": 0.9921,
        "mistakes": 79,
        "requests": 600,
        "latency_ms": {"p50": 3.21, "p99": 9.8},
        "version": 2,
        "resources_deployed": 40,
        "phases": {"deploy": 12.346},
        "workflow": {"Train": 3.0},
        "total_seconds": 100.0,
    }
