"""A real MLflow without its server: the application's own WSGI client, a database in a folder, and an S3 of its own."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

APP = "arn:aws:sagemaker:eu-west-1:111111111111:mlflow-app/app-0123456789AB"
EXECUTION = "arn:aws:states:eu-west-1:111111111111:execution:Machine:run-1"


@dataclass
class S3:
    """The object operations of boto3's client; keys are URIs."""

    objects: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        uri = f"s3://{Bucket}/{Key}"
        if uri not in self.objects:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[uri])}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int) -> dict[str, Any]:
        found = sorted(uri for uri in self.objects if uri.startswith(f"s3://{Bucket}/{Prefix}"))
        return {"Contents": [{"Key": uri.removeprefix(f"s3://{Bucket}/")} for uri in found[:MaxKeys]]}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        self.objects[f"s3://{Bucket}/{Key}"] = Body
        self.types[f"s3://{Bucket}/{Key}"] = ContentType


class Wire:
    """Stands where botocore's HTTP session stands: requests go to the application, and are remembered."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.sent: list[Any] = []

    def send(self, request: Any) -> Any:
        self.sent.append(request)
        path = request.url.split("/", 3)[3]
        content_type = dict(request.headers)["Content-Type"]
        answer = self._client.open(f"/{path}", method=request.method, data=request.body, content_type=content_type)
        return Answer(answer.status_code, answer.data)


@dataclass
class Answer:
    status_code: int
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


def execution(**changes: Any) -> dict[str, Any]:
    """An execution.json as the workflow writes it."""
    job = {
        "kind": "training",
        "instance_type": "ml.g5.xlarge",
        "instance_count": 1,
        "image": "tensorflow-training:2.21-gpu",
        "reason": None,
    }
    refused = {**job, "name": "digits-1", "purchase": "spot", "status": "Failed", "started": None, "ended": None}
    trained = {
        **job,
        "name": "digits-2",
        "purchase": "on-demand",
        "status": "Completed",
        "started": "2026-11-24T10:00:00+00:00",
        "ended": "2026-11-24T10:30:00Z",
        "seconds": 1800,
        "billable_seconds": 1800,
        "usd_per_hour": 1.57,
        "interruptions": 1,
    }
    return {
        "execution": EXECUTION,
        "model": "digits-cnn",
        "environment": "dev",
        "commit": "a" * 40,
        "code": {"s3_uri": "s3://assets/code.tar.gz", "package": "training/digits_cnn"},
        "data": {"dataset": "mnist", "fingerprint": "f" * 64, "prepared": "s3://data/datasets/mnist/prepared/"},
        "overrides": {"learning_rate": 0.001},
        "gate": {"metric": "accuracy", "goal": "maximize", "threshold": 0.99, "tolerance": 0.002},
        "hyperparameters": {"epochs": "8", "learning_rate": "0.001"},
        "jobs": [refused, trained],
        "search": None,
        **changes,
    }


def archive(files: dict[str, bytes]) -> bytes:
    """An output.tar.gz."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return raw.getvalue()


def mlflow_application(folder: Path) -> Any:
    """The Flask application of `mlflow server`, on a database in the folder."""
    import os

    os.environ["_MLFLOW_SERVER_FILE_STORE"] = f"sqlite:///{folder}/mlflow.db"
    os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"] = "s3://artifacts/mlflow"
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow.server import app

    return app.test_client()


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()
