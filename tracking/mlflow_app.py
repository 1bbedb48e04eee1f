"""A client of an MLflow App on SageMaker: MLflow's REST API, signed for the service `sagemaker`.

A header names the app, not the host. Source: the package sagemaker-mlflow 0.5.0 of AWS (`AuthProvider`,
`MlflowSageMakerRequestHeaderProvider`, `SageMakerMLflowHostMetadataProvider`), which needs all of MLflow around it.
"""

from __future__ import annotations

import json
import urllib.parse
from hashlib import sha256
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from tracking.error import TrackingError

SERVICE = "sagemaker"
_HEADER = "x-sm-mlflow-app-arn"
_TIMEOUT = 60  # seconds; an app that was idle for a while answers slowly


class NotFound(Exception):
    """When MLflow does not know an experiment or run."""


class AlreadyExists(Exception):
    """When another caller created it first."""


_CODES = {"RESOURCE_DOES_NOT_EXIST": NotFound, "RESOURCE_ALREADY_EXISTS": AlreadyExists}


class MlflowApp:
    """One MLflow App; calls have their names in MLflow's REST API: `call("runs/create", {...})`."""

    def __init__(self, arn: str, credentials: Credentials, endpoint: str | None = None) -> None:
        """Use the app's own address in its region, or another endpoint (AWS_ENDPOINT_URL)."""
        self._arn = arn
        self._region = arn.split(":")[3]
        self._url = (endpoint or f"https://mlflow.sagemaker.{self._region}.app.aws").rstrip("/")
        self._signer = SigV4Auth(credentials, SERVICE, self._region)
        self._session = URLLib3Session(timeout=_TIMEOUT)

    def call(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST. Raises NotFound, AlreadyExists, TrackingError."""
        return self._send("POST", name, "", json.dumps(body).encode())

    def ask(self, name: str, **query: str) -> dict[str, Any]:
        """GET. Raises NotFound, TrackingError."""
        return self._send("GET", name, "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote), b"")

    def experiment(self, name: str) -> str:
        """The id of an experiment. Raises NotFound, TrackingError."""
        return self.ask("experiments/get-by-name", experiment_name=name)["experiment"]["experiment_id"]

    def _send(self, method: str, name: str, query: str, body: bytes) -> dict[str, Any]:
        headers = {
            _HEADER: self._arn,
            "Content-Type": "application/json",
            "X-Amz-Content-SHA256": sha256(body).hexdigest(),
        }
        request = AWSRequest(method, f"{self._url}/api/2.0/mlflow/{name}{query}", headers=headers, data=body)
        self._signer.add_auth(request)
        try:
            response = self._session.send(request.prepare())
        except BotoCoreError as error:
            raise TrackingError(f"{self._arn} does not answer {name}: {error}") from error
        if response.status_code == 200:
            return json.loads(response.content)
        raise self._failure(name, response.status_code, response.text)

    def _failure(self, name: str, status: int, text: str) -> Exception:
        try:
            answer = json.loads(text)
        except ValueError:
            answer = {}
        message = answer.get("message") or answer.get("Message") or text.strip()
        kind = _CODES.get(str(answer.get("error_code")))
        return kind(message) if kind else TrackingError(f"{self._arn} answers {status} to {name}: {message}")
