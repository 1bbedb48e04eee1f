"""The copy of one finished run in MLflow, which a second attempt completes, never repeats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tracking import view
from tracking.finished_run import Entry, FinishedRun
from tracking.mlflow_app import AlreadyExists, MlflowApp, NotFound
from tracking.sources import Objects

_MOST_METRICS = 1000
_MOST_PARAMETERS = 100
"""The most entries of one request (MLflow, "REST API", Log Batch)."""
FINISHED = "FINISHED"
_KIND = {"key": "mlflow.experimentKind", "value": "custom_model_development"}
"""With it the page begins with runs and curves, not with the traces of an application."""


class Tracker:
    """The writer to one MLflow App; files go to the run's prefix in S3."""

    def __init__(self, app: MlflowApp, objects: Objects) -> None:
        self._app = app
        self._objects = objects

    def track(self, run: FinishedRun, files: Mapping[str, tuple[bytes, str]]) -> dict[str, str]:
        """Copy a run; returns the ids of experiment and run. Raises TrackingError.

        `files` has contents and media types by name.
        """
        experiment = self._experiment(run.model)
        self._app.call("experiments/set-experiment-tag", {"experiment_id": experiment, **view.tag(run)})
        info = self._find(experiment, run) or self._create(experiment, run)
        if info["status"] != FINISHED:
            self._log(info["run_id"], run)
            for name, (content, content_type) in files.items():
                self._objects.write(f"{info['artifact_uri']}/{name}", content, content_type)
            self._app.call("runs/update", {"run_id": info["run_id"], "status": FINISHED, "end_time": run.ended})
        if run.version:
            self._app.call("runs/update", {"run_id": info["run_id"], "run_name": run.name})
            self._app.call("runs/set-tag", {"run_id": info["run_id"], "key": "version", "value": run.version})
        return {"experiment": experiment, "run": info["run_id"]}

    def _experiment(self, name: str) -> str:
        try:
            return self._app.experiment(name)
        except NotFound:
            pass
        try:
            return self._app.call("experiments/create", {"name": name, "tags": [_KIND]})["experiment_id"]
        except AlreadyExists:  # another execution's function was faster
            return self._app.experiment(name)

    def _find(self, experiment: str, run: FinishedRun) -> dict[str, Any] | None:
        """The run that an earlier attempt for this execution created, or None."""
        wanted = {
            "experiment_ids": [experiment],
            "filter": f"tags.execution = '{run.execution_arn}'",
            "max_results": 1,
        }
        found = self._app.call("runs/search", wanted).get("runs", [])
        return found[0]["info"] if found else None

    def _create(self, experiment: str, run: FinishedRun) -> dict[str, Any]:
        wanted = {
            "experiment_id": experiment,
            "run_name": run.name,
            "start_time": run.started,
            "tags": run.tags(),
        }
        return self._app.call("runs/create", wanted)["run"]["info"]

    def _log(self, run_id: str, run: FinishedRun) -> None:
        self._app.call("runs/log-inputs", {"run_id": run_id, "datasets": run.datasets()})
        for parameters in _parts(run.parameters(), _MOST_PARAMETERS):
            self._app.call("runs/log-batch", {"run_id": run_id, "params": parameters})
        for metrics in _parts(run.metrics(), _MOST_METRICS):
            self._app.call("runs/log-batch", {"run_id": run_id, "metrics": metrics})


def _parts(entries: list[Entry], size: int) -> Iterator[list[Entry]]:
    for start in range(0, len(entries), size):
        yield entries[start : start + size]
