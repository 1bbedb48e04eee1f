"""The JSON 1.1 protocol: HTTP requests to calls, answers and errors to HTTP responses."""

from __future__ import annotations

import asyncio
import datetime
import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sandbox.frame.errors import ApiError, SerializationException
from sandbox.frame.messages import Request, Response

CONTENT_TYPE = "application/x-amz-json-1.1"


class JsonProtocol:
    """Serves `call(operation, parameters)` in threads of its own.

    Calls ask other services of this same server: in the loop's own pool they could wait for one another.
    """

    def __init__(self, call: Callable[[str, dict[str, Any]], dict[str, Any]], name: str) -> None:
        self._call = call
        self._threads = ThreadPoolExecutor(thread_name_prefix=name)

    async def handle(self, request: Request) -> Response:
        """Serve one request (X-Amz-Target: PREFIX.<Operation>)."""
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            parameters = parsed(request.body)
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._call, operation, parameters)
            return response(200, answer, {})
        except ApiError as error:
            body = {"__type": error.code, "message": error.message, "Message": error.message}
            return response(error.status, body, {"x-amzn-ErrorType": error.code})


def parsed(body: bytes) -> dict[str, Any]:
    """The request's parameters. Raises SerializationException."""
    try:
        parameters = json.loads(body or b"{}", parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise SerializationException(f"the request's body is not JSON: {error}") from error
    if not isinstance(parameters, dict):
        raise SerializationException(f"the request's body is a {type(parameters).__name__}, expected an object")
    return parameters


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def response(status: int, body: dict[str, Any], headers: dict[str, str]) -> Response:
    """An HTTP response of JSON."""
    headers = {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": str(uuid.uuid4()), **headers}
    return Response(status, headers, json.dumps(body, default=_epoch).encode())


def _epoch(value: object) -> float:
    """Timestamps travel as seconds since the epoch (JSON 1.1 protocol)."""
    if isinstance(value, datetime.datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
