"""The archive's inference.py: `handler`, or `input_handler` and `output_handler` around a call to TensorFlow Serving.

Source: python_service.py, `_import_handlers` and `_make_handler`.
"""

from __future__ import annotations

import importlib.util
import pathlib
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, BinaryIO

import requests

from sandbox.model_server.context import Context
from sandbox.model_server.http_error import HttpError

Handler = Callable[[BinaryIO, Context], tuple[Any, str]]


def load_handler(script: pathlib.Path) -> Handler:
    """Run inference.py and return its handler. Raises NotImplementedError without one, and whatever the script does."""
    specification = importlib.util.spec_from_file_location("inference", script)
    assert specification is not None
    assert specification.loader is not None
    inference = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(inference)
    if hasattr(inference, "handler"):
        return inference.handler
    if hasattr(inference, "input_handler") and hasattr(inference, "output_handler"):
        return _around_serving(inference)
    raise NotImplementedError("Handlers are not implemented correctly in user script.")


def _around_serving(inference: ModuleType) -> Handler:
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
