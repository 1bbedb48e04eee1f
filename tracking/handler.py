"""The entry point of the function: the files of one execution become one run in MLflow.

The event: `records`, the URI of the folder with execution.json, evaluation.json, report.html and output.tar.gz.
Besides, once the run's version is registered, `version`, its ARN.
"""

from __future__ import annotations

import os
from typing import Any

import boto3

from tracking.finished_run import FinishedRun
from tracking.mlflow_app import MlflowApp
from tracking.sources import Objects, history
from tracking.tracker import Tracker

APP_VARIABLE = "MLFLOW_APP_ARN"
_FILES = {
    "report.html": "text/html",
    "evaluation.json": "application/json",
    "execution.json": "application/json",
}


def handler(event: dict[str, str], context: object) -> dict[str, str]:
    """Copy the run; returns the ids of experiment and run. Raises TrackingError."""
    session: Any = boto3.Session()
    objects = Objects(session.client("s3"))
    app = MlflowApp(os.environ[APP_VARIABLE], session.get_credentials(), os.environ.get("AWS_ENDPOINT_URL"))
    folder = event["records"].rstrip("/")
    run = FinishedRun(
        objects.read_json(f"{folder}/execution.json"),
        objects.read_json(f"{folder}/evaluation.json"),
        history(objects.find(f"{folder}/output.tar.gz")),
        event["version"].rpartition("/")[2] if "version" in event else None,
    )
    files = {name: (objects.read(f"{folder}/{name}"), content_type) for name, content_type in _FILES.items()}
    return Tracker(app, objects).track(run, files)
