"""MLflow's REST API of an app: requests signed for `sagemaker` that name the app in a header.

Source: the package sagemaker-mlflow (0.5.0) of AWS, `AuthProvider`, `MlflowSageMakerRequestHeaderProvider`; that one
action covers the whole API says Service Authorization Reference, "Actions, resources, and condition keys for Amazon
SageMaker AI" (CallMlflowAppApi).
"""

from __future__ import annotations

import asyncio
import json
import re
import urllib.parse
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from sandbox.frame.messages import Request, Response
from sandbox.frame.permissions import Permission
from sandbox.services.sagemaker.base.errors import ResourceNotFound
from sandbox.services.sagemaker.mlflow_apps.mlflow_apps import MlflowApps
from sandbox.services.sagemaker.mlflow_apps.mlflow_server import NotRunning

SERVICE = "sagemaker-mlflow-app"
HEADER = "x-sm-mlflow-app-arn"
_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/(?P<service>[^/]+)/aws4_request")


def permission(headers: Mapping[str, str]) -> Permission:
    """The permission that a request demands of its caller."""
    return Permission("sagemaker:CallMlflowAppApi", headers.get(HEADER, "*"))


class DataPlane:
    """Passes requests on in threads of its own: a server that starts reads S3 on this same sandbox."""

    def __init__(self, apps: MlflowApps) -> None:
        self._apps = apps
        self._threads = ThreadPoolExecutor(thread_name_prefix="mlflow")

    async def handle(self, request: Request) -> Response:
        """Serve a request that the gateway has let through."""
        found = _SCOPE.search(request.headers.get("authorization", ""))
        if found is None or found["service"] != "sagemaker":
            return _refusal(403, "Credential should be scoped to correct service: 'sagemaker'.")
        if not request.path.startswith("/api/"):
            return _refusal(404, f"{request.path} is no part of MLflow's REST API, which is below /api/")
        return await self.ask(request.headers[HEADER], request)

    async def ask(self, arn: str, request: Request) -> Response:
        """Ask the app's server, or answer why it cannot be asked."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, arn, request)

    def _ask(self, arn: str, request: Request) -> Response:
        query = urllib.parse.urlencode(request.query, doseq=True)
        try:
            return self._apps.server(arn).ask(request, request.path + (f"?{query}" if query else ""))
        except ResourceNotFound as error:
            return _refusal(404, error.message)
        except NotRunning as error:
            return _refusal(503, str(error))


def _refusal(status: int, message: str) -> Response:
    return Response(status, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode())
