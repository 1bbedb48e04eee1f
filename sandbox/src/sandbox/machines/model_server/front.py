"""The container's HTTP interface with handlers: /ping always answers, /invocations runs the handler.

Source: python_service.py; nginx waits no longer than its read timeout.
"""

from __future__ import annotations

import asyncio
import functools
import io
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.machines.model_server.context import Context, make_context
from sandbox.machines.model_server.handlers import Handler
from sandbox.machines.model_server.http_error import answer_of
from sandbox.machines.model_server.nginx import error_page, json_error
from sandbox.machines.model_server.settings import Settings

_THREADS = 16  # gunicorn's gevent worker has no limit of its own
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HandlerFront:
    """One handler, and TensorFlow Serving's port."""

    handler: Handler
    tfs_port: int
    default_model: str
    timeout: int
    read_timeout: int
    threads: ThreadPoolExecutor

    async def ping(self, request: Request) -> Response:
        return Response()

    async def invoke(self, request: Request) -> Response:
        try:
            context = make_context(request.headers, self.tfs_port, self.default_model, self.timeout)
        except ValueError as error:
            return json_error(400, str(error))
        call = functools.partial(_respond, self.handler, await request.body(), context)
        try:
            async with asyncio.timeout(self.read_timeout):
                return await asyncio.get_running_loop().run_in_executor(self.threads, call)
        except TimeoutError:
            return error_page(504)


def make_handler_front(handler: Handler, tfs_port: int, default_model: str, settings: Settings) -> HandlerFront:
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="handler")
    return HandlerFront(handler, tfs_port, default_model, settings.wait_seconds, settings.read_timeout, threads)


def _respond(handler: Handler, body: bytes, context: Context) -> Response:
    try:
        content, content_type = handler(io.BytesIO(body), context)
        return _response(content, content_type)
    except Exception as error:
        answer = answer_of(error, context.accept_header)
        if answer is not None:
            return Response(answer.body, answer.status, answer.headers)
        _logger.exception("exception handling request: %s", error)
        return json_error(500, str(error))


def _response(content: Any, content_type: str) -> Response:
    """The response with text or bytes, the types that falcon accepts."""
    if not isinstance(content, (str, bytes)):
        raise TypeError(f"the handler returned a {type(content).__name__}, expected str or bytes and a content type")
    return Response(content, headers={"Content-Type": content_type or "application/json"})
