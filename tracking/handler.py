"""The entry point of the function: the files of one execution become one run in MLflow.

The event: `execution` (URI of execution.json), `evaluation` (URI of the folder with evaluation.json and report.html),
`artifact` (URI of the training job's model.tar.gz; output.tar.gz is beside it).
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
_FILES = {"report.html": "text/html", "evaluation.json": "application/json"}


def handler(event: dict[str, str], context: object) -> dict[str, str]:
    """Copy the run; returns the ids of experiment and run. Raises TrackingError."""
    session: Any = boto3.Session()
    objects = Objects(session.client("s3"))
    app = MlflowApp(os.environ[APP_VARIABLE], session.get_credentials(), os.environ.get("AWS_ENDPOINT_URL"))
    folder = event["evaluation"].rstrip("/")
    run = FinishedRun(
        objects.read_json(event["execution"]),
        objects.read_json(f"{folder}/evaluation.json"),
        history(objects.find(f"{event['artifact'].rpartition('/')[0]}/output.tar.gz")),
    )
    files = {name: (objects.read(f"{folder}/{name}"), content_type) for name, content_type in _FILES.items()}
    files["execution.json"] = (objects.read(event["execution"]), "application/json")
    return Tracker(app, objects).track(run, files)
