"""InvokeEndpoint: the short way from a client's request to the model server and back.

Source: AWS, "InvokeEndpoint" (runtime API reference), "How Containers Serve Requests", "Amazon SageMaker AI hosting
FAQs" (25 MB).
"""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandbox.faults import Faults, FaultsUnreadable, InvocationErrors
from sandbox.host import Request, Response
from sandbox.plain_http.client import Answer
from sandbox.sagemaker.endpoints.model_client import ModelClient, NoAnswer, reply_timeout
from sandbox.sagemaker.endpoints.model_instance import log_group

if TYPE_CHECKING:
    from sandbox.sagemaker.endpoints.fleet import Fleet
    from sandbox.sagemaker.service import SageMaker

LARGEST_PAYLOAD = 25 * 1024 * 1024
_PREFIX = "x-amzn-sagemaker-"
_CUSTOM_ATTRIBUTES = _PREFIX + "custom-attributes"
_FORWARDED = ("content-type", "accept", _CUSTOM_ATTRIBUTES)
_HONOURED = {_CUSTOM_ATTRIBUTES, _PREFIX + "target-variant"}
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)


class Refused(Exception):
    """When a request does not reach a model: an error type, a sentence and an HTTP status."""

    def __init__(self, error_type: str | None, message: str, status: int) -> None:
        super().__init__(message)
        self.response = _error(status, error_type, {"message": message})


class Runtime:
    """The data plane. All of it runs on the server's event loop; nothing here blocks."""

    def __init__(self, service: SageMaker) -> None:
        self._service = service
        self._client = ModelClient(reply_timeout())
        self._faults = Faults(service.host.home)

    async def handle(self, request: Request) -> Response:
        """Serve POST /endpoints/{name}/invocations."""
        try:
            fleet = self._fleet(request)
        except Refused as refusal:
            return refusal.response
        return await self._invoke(fleet, request)

    def _fleet(self, request: Request) -> Fleet:
        name = endpoint_name(request)
        if request.method != "POST":
            raise Refused("UnsupportedOperation", f"{request.method} is not supported on {request.path}: POST", 405)
        if len(request.body) > LARGEST_PAYLOAD:
            raise Refused(None, f"HTTP content length exceeded {LARGEST_PAYLOAD} bytes.", 413)
        served = self._service.endpoints.serving(name)
        if served is None:
            raise self._not_served(name)
        _refuse_unsupported(request.headers)
        target = request.headers.get(_PREFIX + "target-variant")
        fleet = served.choose(target)
        if fleet is None:
            known = ", ".join(served.variants)
            raise Refused("ValidationError", f"Variant {target} does not exist: the endpoint has {known}.", 400)
        return fleet

    def _not_served(self, name: str) -> Refused:
        if self._service.endpoints.is_restarting(name):
            return Refused("ServiceUnavailable", f"Endpoint {name} is started again: try again in a moment.", 503)
        return Refused("ValidationError", f"Endpoint {name} of account {self._service.host.account} not found.", 400)

    async def _invoke(self, fleet: Fleet, request: Request) -> Response:
        headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
        started = time.perf_counter()
        instance = fleet.pick()
        with instance.answering():
            answer = self._fault(fleet) or await self._answer(instance.port, headers, request.body)
        seconds = time.perf_counter() - started
        self._service.endpoints.metrics.record(fleet, answer.status or 500, seconds)
        if 200 <= answer.status < 300:
            return _success(answer, fleet.name)
        return self._model_error(fleet.endpoint, instance.log_stream, answer)

    def _fault(self, fleet: Fleet) -> Answer | None:
        """What the container answers if errors were asked for (fault `invocation-errors`)."""
        try:
            names = {"endpoint_name": fleet.endpoint, "endpoint_config_name": fleet.config}
            fault = self._faults.find(InvocationErrors, **names)
        except FaultsUnreadable as error:
            return Answer(500, {}, str(error).encode())
        return Answer(fault.status, {}, b'{"error": "a fault that was asked for"}') if fault else None

    async def _answer(self, port: int, headers: dict[str, str], body: bytes) -> Answer:
        try:
            return await self._client.invoke(port, headers, body)
        except NoAnswer as error:
            return Answer(0, {}, (_TIMED_OUT if error.timed_out else str(error)).encode())

    def _model_error(self, endpoint: str, log_stream: str, answer: Answer) -> Response:
        host, group = self._service.host, log_group(endpoint)
        whose = "client" if 400 <= answer.status < 500 else "server"
        text = answer.body.decode(errors="replace")
        console = f"https://{host.region}.console.aws.amazon.com/cloudwatch/home?region={host.region}"
        body = {
            "ErrorCode": "CLIENT_ERROR_FROM_MODEL" if whose == "client" else "SERVER_ERROR_FROM_MODEL",
            "LogStreamArn": f"arn:aws:logs:{host.region}:{host.account}:log-group:{group}:log-stream:{log_stream}",
            "Message": f'Received {whose} error ({answer.status}) from primary with message "{text}". See '
            f"{console}#logEventViewer:group={group} in account {host.account} for more information.",
            "OriginalMessage": text,
            "OriginalStatusCode": answer.status,
        }
        return _error(424, "ModelError", body)


def endpoint_name(request: Request) -> str:
    """The endpoint that the path names."""
    return urllib.parse.unquote(request.path.split("/")[2])


def _refuse_unsupported(headers: dict[str, str]) -> None:
    unknown = sorted(name for name in headers if name.startswith(_PREFIX) and name not in _HONOURED)
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
