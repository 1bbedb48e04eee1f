"""Metric lines in the log, for the job's MetricDefinitions, and the same numbers as history.

The history is saved with each checkpoint, so that an interrupted run has one complete curve. At the end it goes to
/opt/ml/output/data, which SageMaker packs as output.tar.gz beside model.tar.gz.
Source: AWS, "How Amazon SageMaker AI Processes Training Output".
"""

from __future__ import annotations

import json
import math
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

from pages.run_files import HISTORY, RESUMED
from pages.run_log import metric_line
from training.common.errors import JobError

MOST_POINTS = 4000


class History:
    """The metrics of one run, by name and step.

    Beyond MOST_POINTS of a name, every second one is dropped.
    """

    def __init__(self) -> None:
        self._points: dict[str, dict[int, float]] = {}
        self._declared: Container[str] | None = None

    @contextmanager
    def declared(self, names: Container[str]) -> Iterator[None]:
        """Refuse all other names within the block (`emit`)."""
        self._declared = names
        try:
            yield
        finally:
            self._declared = None

    def require(self, name: str) -> None:
        """Raise JobError for a name that is not declared."""
        if self._declared is not None and name not in self._declared:
            raise JobError(f"The metric {name} is not declared: add it to training_metrics in algorithm.py.")

    def add(self, name: str, value: float, step: int) -> None:
        """Keep a finite number; the later of two at the same step."""
        if not math.isfinite(value):
            return
        points = self._points.setdefault(name, {})
        points[step] = value
        if len(points) > MOST_POINTS:
            self._points[name] = dict(list(points.items())[1::2])

    def resume(self, folder: Path | None, step: int) -> None:
        """Replace the metrics by a checkpoint's history, and note the step under RESUMED.

        `folder` is None for a run from the start; a checkpoint without a history has an empty one.
        """
        path = folder / HISTORY if folder else None
        earlier = json.loads(path.read_text(encoding="utf-8")) if path and path.is_file() else {}
        self._points = {name: {int(at): float(value) for at, value in points} for name, points in earlier.items()}
        if step:
            self.add(RESUMED, len(self._points.get(RESUMED, {})) + 1, step)

    def latest(self) -> dict[str, float]:
        """The last value of each metric, without the mark of a resumption."""
        return {name: points[max(points)] for name, points in self._points.items() if name != RESUMED}

    def as_json(self) -> dict[str, list[list[float]]]:
        """{"train:loss": [[step, value], ...], ...}, in the order of the steps."""
        return {name: [list(point) for point in sorted(points.items())] for name, points in self._points.items()}

    def write(self, folder: Path) -> None:
        """Write history.json into a folder, which is created."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / HISTORY).write_text(json.dumps(self.as_json()), encoding="utf-8")


history = History()
"""The history of the run of this process: a job's process trains once."""


def emit(name: str, value: float, step: int) -> None:
    """Print one metric, and keep it: `metric train:loss=0.1234 step=100`. Raises JobError for an undeclared name."""
    history.require(name)
    print(metric_line(name, value, step), flush=True)
    history.add(name, value, step)
