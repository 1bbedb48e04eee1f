"""The first page of a model in MLflow: its runs, newest first, with the gate's metric.

MLflow keeps no columns on the server, except those of a shared view: a tag of the experiment, which a link names.
Source: MLflow 3.17, `useSharedExperimentViewState.ts`, `ExperimentPageUIState.tsx` (fields), `constants.ts` (the tag).
"""

from __future__ import annotations

import json

from tracking.finished_run import FinishedRun

_NAME = "slipway"
_MOST_METRICS = 5
_STATE = {
    "searchFilter": "",
    "orderByKey": "attributes.start_time",
    "orderByAsc": False,
    "startTime": "ALL",
    "lifecycleFilter": "Active",
    "datasetsFilter": [],
    "modelVersionFilter": "All Runs",
    "columnWidths": {},
    "runsExpanded": {},
    "runsPinned": [],
    "runsHidden": [],
    "runsHiddenMode": "SHOW_ALL",
    "viewMaximized": False,
    "runListHidden": False,
    "isAccordionReordered": False,
    "groupBy": None,
    "groupsExpanded": {},
}
LIST = "#/experiments?workflowType=machine_learning"
"""The fragment of the page that lists all experiments, in the mode for trained models."""


def page(experiment: str) -> str:
    """The fragment of the page of one experiment's runs, with the columns of its view."""
    return f"#/experiments/{experiment}/runs?viewStateShareKey={_NAME}&workflowType=machine_learning"


def tag(run: FinishedRun) -> dict[str, str]:
    """The view of the experiment, as a tag: the gate's metric first, then others, the cost, and the origin."""
    judged = [run.metric] if run.metric else []
    metrics = [*judged, *(name for name in run.final_metrics if name not in judged)][:_MOST_METRICS]
    columns = [
        *(f"metrics.`{name}`" for name in [*metrics, "compute/usd"]),
        *(f"attributes.`{name}`" for name in ("Dataset", "Source")),
    ]
    state = {**_STATE, "selectedColumns": columns, "columnOrder": columns}
    return {"key": f"mlflow.sharedViewState.{_NAME}", "value": json.dumps(state)}
