"""InvokeEndpoint: the short way from a client's request to the model server and back.

Source: AWS, "InvokeEndpoint" (runtime API reference), "How Containers Serve Requests", "Amazon SageMaker AI hosting
FAQs" (25 MB).
"""

from __future__ import annotations

import json
import re
import time
import urllib.parse
from collections.abc import Mapping

from sandbox.faults import Faults, FaultsUnreadable, InvocationErrors
from sandbox.frame.host import Host
from sandbox.frame.messages import Request, Response
from sandbox.machines.plain_http.client import Answer
from sandbox.services.sagemaker.endpoints.endpoints import Endpoints
from sandbox.services.sagemaker.endpoints.fleet import Fleet
from sandbox.services.sagemaker.endpoints.invocation_metrics import Invocation, InvocationMetrics
from sandbox.services.sagemaker.endpoints.model_client import ModelClient, NoAnswer, reply_timeout
from sandbox.services.sagemaker.endpoints.model_error import STATUS, model_error, reason
from sandbox.services.sagemaker.endpoints.model_instance import ModelInstance

SERVICE = "sagemaker-runtime"
PATHS = re.compile(r"/endpoints/[^/]+/(invocations|invocations-response-stream|async-invocations)")
LARGEST_PAYLOAD = 25 * 1024 * 1024
_PREFIX = "x-amzn-sagemaker-"
_CUSTOM_ATTRIBUTES = _PREFIX + "custom-attributes"
_TARGET_VARIANT = _PREFIX + "target-variant"
_FORWARDED = ("content-type", "accept", _CUSTOM_ATTRIBUTES)
# An inference id goes into captured data only, and nothing is captured here.
_HONOURED = {_CUSTOM_ATTRIBUTES, _TARGET_VARIANT, _PREFIX + "inference-id"}
_OTHER_OPERATIONS = {
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
    "async-invocations": "InvokeEndpointAsync",
}


class Refused(Exception):
    """When a request does not reach a model: an error type, a sentence and an HTTP status."""

    def __init__(self, error_type: str | None, message: str, status: int) -> None:
        super().__init__(message)
        self.response = _error(status, error_type, {"message": message})


class Runtime:
    """The data plane. All of it runs on the server's event loop; nothing here blocks."""

    def __init__(self, host: Host, endpoints: Endpoints, metrics: InvocationMetrics) -> None:
        self._host, self._endpoints, self._metrics = host, endpoints, metrics
        self._client = ModelClient(reply_timeout())
        self._faults = Faults(host.home)

    async def handle(self, request: Request) -> Response:
        """Serve POST /endpoints/{name}/invocations."""
        try:
            fleet = self._fleet(request)
            instance = self._instance(fleet)
        except Refused as refusal:
            return refusal.response
        return await self._invoke(fleet, instance, request)

    def _fleet(self, request: Request) -> Fleet:
        name = endpoint_name(request)
        _refuse_other_requests(request)
        served = self._endpoints.serving(name)
        if served is None:
            raise self._not_served(name)
        target = request.headers.get(_TARGET_VARIANT)
        fleet = served.choose(target)
        if fleet is None:
            known = ", ".join(served.variants)
            raise Refused("ValidationError", f"Variant {target} does not exist: the endpoint has {known}.", 400)
        return fleet

    def _not_served(self, name: str) -> Refused:
        if self._endpoints.is_restarting(name):
            return Refused("ServiceUnavailable", f"Endpoint {name} is started again: try again in a moment.", 503)
        return Refused("ValidationError", f"Endpoint {name} of account {self._host.account} not found.", 400)

    def _instance(self, fleet: Fleet) -> ModelInstance:
        try:
            return fleet.pick()
        except ValueError as error:
            raise Refused("ServiceUnavailable", f"Variant {fleet.name} has no instance in service.", 503) from error

    async def _invoke(self, fleet: Fleet, instance: ModelInstance, request: Request) -> Response:
        headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
        sent = time.perf_counter()
        with instance.answering():
            answer = self._fault(fleet) or await self._answer(instance, headers, request.body)
        model_seconds = time.perf_counter() - sent
        if 200 <= answer.status < 300:
            response = _success(answer, fleet.name)
        else:
            body = model_error(self._host, fleet.endpoint, instance.log_stream, answer)
            response = _error(STATUS, "ModelError", body)
        overhead = time.perf_counter() - request.received - model_seconds
        self._metrics.record(fleet, Invocation(answer.status, model_seconds, overhead))
        return response

    def _fault(self, fleet: Fleet) -> Answer | None:
        """The answer of the fault `invocation-errors`, if it applies."""
        try:
            names = {"endpoint_name": fleet.endpoint, "endpoint_config_name": fleet.config}
            fault = self._faults.find(InvocationErrors, **names)
        except FaultsUnreadable as error:
            return Answer(500, {}, str(error).encode())
        return Answer(fault.status, {}, b'{"error": "a fault that was asked for"}') if fault else None

    async def _answer(self, instance: ModelInstance, headers: dict[str, str], body: bytes) -> Answer:
        try:
            return await self._client.invoke(instance.port, headers, body)
        except NoAnswer as failure:
            if not failure.timed_out:
                instance.doubt()
            return Answer(0, {}, reason(failure).encode())


def endpoint_name(request: Request) -> str:
    """The endpoint that the path names."""
    return urllib.parse.unquote(request.path.split("/")[2])


def _refuse_other_requests(request: Request) -> None:
    operation = _OTHER_OPERATIONS.get(request.path.rpartition("/")[2])
    if operation:
        message = f"the sandbox does not implement {operation}: its endpoints answer InvokeEndpoint"
        raise Refused("ValidationError", message, 400)
    if request.method != "POST":
        raise Refused("UnsupportedOperation", f"{request.method} is not supported on {request.path}: POST", 405)
    if len(request.body) > LARGEST_PAYLOAD:
        raise Refused(None, f"HTTP content length exceeded {LARGEST_PAYLOAD} bytes.", 413)
    unknown = sorted(name for name in request.headers if name.startswith(_PREFIX) and name not in _HONOURED)
    if unknown:
        message = f"the sandbox does not implement InvokeEndpoint with {', '.join(unknown)}"
        raise Refused("ValidationError", message, 400)


def _success(answer: Answer, variant: str) -> Response:
    headers = {
        "Content-Type": answer.headers.get("content-type", "application/octet-stream"),
        "x-Amzn-Invoked-Production-Variant": variant,
    }
    if _CUSTOM_ATTRIBUTES in answer.headers:
        headers["X-Amzn-SageMaker-Custom-Attributes"] = answer.headers[_CUSTOM_ATTRIBUTES]
    return Response(200, headers, answer.body)


def _error(status: int, error_type: str | None, body: Mapping[str, object]) -> Response:
    headers = {"Content-Type": "application/json"}
    if error_type:
        headers["x-amzn-ErrorType"] = error_type
    return Response(status, headers, json.dumps(body).encode())
