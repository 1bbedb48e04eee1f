"""Metric lines on the log, which the job's MetricDefinitions pick up, and the same numbers as the run's history.

The history is saved with each checkpoint, so that a run that was interrupted has one whole curve, and ends in
/opt/ml/output/data, of which SageMaker makes output.tar.gz beside model.tar.gz.
Source: AWS, "How Amazon SageMaker AI Processes Training Output".
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from pages.run_files import HISTORY, RESUMED

MOST_POINTS = 4000


class History:
    """The metrics of one run: at most MOST_POINTS of each, by name and step; of more, every second one is dropped."""

    def __init__(self) -> None:
        self._points: dict[str, dict[int, float]] = {}

    def add(self, name: str, value: float, step: int) -> None:
        """Keep a number; of two at the same step the later one, of one that is not finite nothing."""
        if not math.isfinite(value):
            return
        points = self._points.setdefault(name, {})
        points[step] = value
        if len(points) > MOST_POINTS:
            self._points[name] = dict(list(points.items())[1::2])

    def resume(self, folder: Path | None, step: int) -> None:
        """Forget what was kept, and go on from the history of the checkpoint of this step, kept as RESUMED.

        `folder` is None for a run from the start; a checkpoint without a history has an empty one.
        """
        path = folder / HISTORY if folder else None
        earlier = json.loads(path.read_text(encoding="utf-8")) if path and path.is_file() else {}
        self._points = {name: {int(at): float(value) for at, value in points} for name, points in earlier.items()}
        if step:
            self.add(RESUMED, len(self._points.get(RESUMED, {})) + 1, step)

    def as_json(self) -> dict[str, list[list[float]]]:
        """{"train:loss": [[step, value], ...], ...}, in the order of the steps."""
        return {name: [list(point) for point in sorted(points.items())] for name, points in self._points.items()}

    def write(self, folder: Path) -> None:
        """Write history.json into a folder, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / HISTORY).write_text(json.dumps(self.as_json()), encoding="utf-8")


history = History()
"""The history of the run of this process: a job's process trains once."""


def emit(name: str, value: float, step: int) -> None:
    """Print one metric, and keep it: `metric train:loss=0.1234 step=100`."""
    print(f"metric {name}={value:.6g} step={step}", flush=True)
    history.add(name, value, step)
