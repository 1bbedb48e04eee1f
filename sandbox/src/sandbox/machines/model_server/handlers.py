"""The archive's inference.py: `handler`, or `input_handler` and `output_handler`.

The latter two surround a call to TensorFlow Serving. Source: python_service.py, `_import_handlers` and `_make_handler`.
"""

from __future__ import annotations

import importlib.util
import pathlib
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

import requests

from sandbox.machines.model_server.context import Context
from sandbox.machines.model_server.http_error import HttpError

Handler = Callable[[BinaryIO, Context], tuple[Any, str]]


def load_handler(script: pathlib.Path | None) -> Handler:
    """Run inference.py and return its handler; without a script, one that passes bodies on.

    Raises NotImplementedError for a script without handlers, and any exception of the script.
    """
    if script is None:
        return _handler(_Serving())
    specification = importlib.util.spec_from_file_location("inference", script)
    assert specification is not None
    assert specification.loader is not None
    inference = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(inference)
    if hasattr(inference, "handler"):
        return inference.handler
    if hasattr(inference, "input_handler") and hasattr(inference, "output_handler"):
        return _handler(inference)
    raise NotImplementedError("Handlers are not implemented correctly in user script.")


class _Serving:
    """The handlers without a script: the body must be text, and is passed on unread."""

    @staticmethod
    def input_handler(data: BinaryIO, context: Context) -> bytes:
        return data.read().decode("utf-8").encode()

    @staticmethod
    def output_handler(response: requests.Response, context: Context) -> tuple[bytes, str]:
        return response.content, context.accept_header


def _handler(inference: Any) -> Handler:
    """Surround a call to TensorFlow Serving by both handlers; its refusals skip the output handler."""
    sessions = threading.local()

    def handler(data: BinaryIO, context: Context) -> tuple[Any, str]:
        processed = inference.input_handler(data, context)
        if not hasattr(sessions, "session"):
            sessions.session = requests.Session()
            sessions.session.trust_env = False  # no proxy between two loopback ports, and no .netrc read each time
        response = sessions.session.post(context.rest_uri, data=processed, timeout=context.timeout)
        if response.status_code != 200:
            raise HttpError(response.status_code, response.content.decode("utf-8", "replace"))
        return inference.output_handler(response, context)

    return handler
