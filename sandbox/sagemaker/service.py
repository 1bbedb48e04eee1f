"""SageMaker's control plane: one object per concept, composed here, behind the JSON 1.1 protocol."""

from __future__ import annotations

import asyncio
import datetime
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sandbox.host import Credentials, NotAuthorized, Request, Response
from sandbox.sagemaker.api.authorization import Authorization
from sandbox.sagemaker.api.errors import AccessDenied, ApiError, SerializationException
from sandbox.sagemaker.api.operations import Api
from sandbox.sagemaker.endpoints.endpoint_configs import EndpointConfigs
from sandbox.sagemaker.endpoints.endpoints import Endpoints
from sandbox.sagemaker.endpoints.models import Models
from sandbox.sagemaker.jobs.processing_jobs import ProcessingJobs
from sandbox.sagemaker.jobs.training_jobs import TrainingJobs
from sandbox.sagemaker.registry.model_package_groups import ModelPackageGroups
from sandbox.sagemaker.registry.model_packages import ModelPackages
from sandbox.sagemaker.tags import Tags

if TYPE_CHECKING:
    from sandbox.host import Host

CONTENT_TYPE = "application/x-amz-json-1.1"


class SageMaker:
    """The service: `call` for callers in this process, `handle` for HTTP."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.authorization = Authorization(self.arn)
        self.tags = Tags(self)
        self.model_package_groups = ModelPackageGroups(self)
        self.model_packages = ModelPackages(self)
        self.training_jobs = TrainingJobs(self)
        self.processing_jobs = ProcessingJobs(self)
        self.models = Models(self)
        self.endpoint_configs = EndpointConfigs(self)
        self.endpoints = Endpoints(self)
        self.components: tuple[object, ...] = (
            self.tags,
            self.model_package_groups,
            self.model_packages,
            self.training_jobs,
            self.processing_jobs,
            self.models,
            self.endpoint_configs,
            self.endpoints,
        )
        self.api = Api(self.components)
        # Calls ask other services of this same server: in the loop's own pool they could wait for one another.
        self._threads = ThreadPoolExecutor(thread_name_prefix="sagemaker")

    def call(
        self, operation: str, parameters: dict[str, Any], credentials: Credentials | None = None
    ) -> dict[str, Any]:
        """Validate and serve a call by its API name ("CreateModel"). Raises ApiError.

        The role behind the credentials must be allowed to make it; without credentials it is SageMaker's own, or one
        that has been authorized already.
        """
        if credentials is not None:
            self._authorize(operation, parameters, credentials)
        return self.api.call(operation, parameters)

    def _authorize(self, operation: str, parameters: dict[str, Any], credentials: Credentials) -> None:
        try:
            self.host.demand(credentials, *self.authorization.control(operation, "", parameters))
        except NotAuthorized as refusal:
            raise AccessDenied(str(refusal)) from refusal

    def arn(self, resource: str) -> str:
        """The ARN of a resource of this account: arn("endpoint/x")."""
        return f"arn:aws:sagemaker:{self.host.region}:{self.host.account}:{resource}"

    async def handle(self, request: Request) -> Response:
        """Serve one HTTP request of the JSON 1.1 protocol (X-Amz-Target: SageMaker.<Operation>)."""
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            parameters = _parsed(request.body)
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, self.call, operation, parameters)
            return _response(200, answer, {})
        except ApiError as error:
            body = {"__type": error.code, "message": error.message, "Message": error.message}
            return _response(error.status, body, {"x-amzn-ErrorType": error.code})

    def close(self) -> None:
        """Stop every child process, quickly."""
        for component in self.components:
            close = getattr(component, "close", None)
            if close is not None:
                close()


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError as error:
        raise SerializationException(f"the request's body is not JSON: {error}") from error
    if not isinstance(parameters, dict):
        raise SerializationException(f"the request's body is a {type(parameters).__name__}, expected an object")
    return parameters


def _response(status: int, body: dict[str, Any], headers: dict[str, str]) -> Response:
    headers = {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": str(uuid.uuid4()), **headers}
    return Response(status, headers, json.dumps(body, default=_epoch).encode())


def _epoch(value: object) -> float:
    """Timestamps travel as seconds since the epoch (JSON 1.1 protocol)."""
    if isinstance(value, datetime.datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
