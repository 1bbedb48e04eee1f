"""Code shared by all handlers: reading or refusing requests, and the call to TensorFlow Serving.

A handler names its media types as CONTENT_TYPES and RESPONSE_TYPES: tuples of texts, written out, because `cdk synth`
reads them without running the module. It makes its readers by these names, so that it answers what it declares.

The container's Python service turns every exception into status 500, except `falcon.HTTPError` (3.1.0 there): falcon
writes its status and body. This is the only way to another status, so the errors here are falcon's.
Source: aws/deep-learning-containers, scripts/docker/tensorflow/inference/sagemaker/python_service.py.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from http.client import responses
from typing import Any, Protocol

import requests

try:
    from falcon import HTTPError
except ImportError:  # outside the container; the caller must read `status` and `to_dict` itself

    class HTTPError(Exception):  # type: ignore[no-redef]
        """The part of falcon's exception that is used here."""

        def __init__(self, status: str, *, title: str | None = None, description: str | None = None) -> None:
            super().__init__(description)
            self.status, self.title, self.description = status, title, description


MODEL_AT_FAULT = ("Serving signature name: ", "Failed to get input map for signature: ")
"""Beginnings of TensorFlow Serving's 400 for a missing signature: the model's error, so it becomes a 5xx."""
ASSERTION = re.compile(r"assertion failed: \[(.+?)\]")
"""The sentence of a check in the model, which TensorFlow surrounds with its operations."""
SESSION = requests.Session()
"""One connection to TensorFlow Serving for all requests of this worker."""
Reader = Callable[[bytes], dict[str, Any]]
"""Builds TensorFlow Serving's request from a body. Raises RequestRefused."""


class RequestRefused(HTTPError):
    """When a request cannot be answered.

    The sentence says what was received and what is allowed.
    """

    def __init__(self, status: int, sentence: str) -> None:
        phrase = responses.get(status, "Unknown")
        super().__init__(f"{status} {phrase}", title=phrase, description=sentence)

    def to_dict(self, obj_type: Callable[[], dict[str, Any]] = dict) -> dict[str, Any]:
        """The body that falcon writes as JSON, in the form of the container's own errors."""
        body = obj_type()
        body["error"] = self.description
        return body

    def __str__(self) -> str:
        return str(self.description)


class Context(Protocol):
    """The part of the container's context that is used here."""

    rest_uri: str
    request_content_type: str
    accept_header: str
    timeout: int


def answer(
    data: io.BufferedIOBase, context: Context, readers: Mapping[str, Reader], response_types: Iterable[str]
) -> tuple[bytes, str]:
    """Answer a request with TensorFlow Serving's JSON, under one of the response types.

    `readers` are by content type.
    """
    accepted = accepted_type(context.accept_header, response_types)
    return predict(read(data, context, readers), context), accepted


def read(data: io.BufferedIOBase, context: Context, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Build TensorFlow Serving's request by the reader of the content type. Raises RequestRefused."""
    content_type = media_type(context.request_content_type)
    if content_type not in readers:
        raise RequestRefused(415, f"Content type {content_type or 'none'} is not served: send {', '.join(readers)}.")
    body = data.read()
    if not body:
        raise RequestRefused(400, f"The body is empty, and should be {content_type}.")
    return readers[content_type](body)


def predict(request: dict[str, Any], context: Context) -> bytes:
    """TensorFlow Serving's answer, as JSON. Raises RequestRefused with TensorFlow Serving's sentence."""
    response = SESSION.post(context.rest_uri, data=json.dumps(request), timeout=context.timeout)
    if response.status_code != 200:
        error = _error_of(response)
        raise RequestRefused(500 if error.startswith(MODEL_AT_FAULT) else response.status_code, error)
    return response.content


def rows(signature: str, values: Iterable[bytes]) -> dict[str, Any]:
    """A request of one byte string a row. Source: TensorFlow Serving, "RESTful API", "Encoding binary values"."""
    encoded = [{"b64": base64.b64encode(value).decode("ascii")} for value in values]
    return {"signature_name": signature, "instances": encoded}


def json_member(body: bytes, name: str, meaning: str) -> Any:
    """One member of a JSON object, such as ("instances", "a list of images"). Raises RequestRefused."""
    try:
        return json.loads(body)[name]
    except (ValueError, RecursionError) as error:
        raise RequestRefused(400, f"The body is not JSON: {error}.") from None
    except (KeyError, TypeError):
        raise RequestRefused(400, f'The body must be an object with the member "{name}", {meaning}.') from None


def media_type(header: str) -> str:
    """A content type without its parameters: `text/plain` for `Text/Plain; charset=utf-8`."""
    return header.partition(";")[0].strip().lower()


def accepted_type(accept: str, offered: Iterable[str]) -> str:
    """The first offered type that an Accept header allows. Raises RequestRefused if it allows none."""
    wanted = {media_type(part) for part in accept.split(",")}
    types = list(offered)
    for name in types:
        if wanted & {"", "*/*", f"{name.partition('/')[0]}/*", name}:
            return name
    raise RequestRefused(406, f"Answers are {', '.join(types)}, and the request accepts only {accept}.")


def _error_of(response: requests.Response) -> str:
    try:
        error = str(response.json()["error"])
        assertion = ASSERTION.search(error)
        return assertion[1] if assertion else error
    except (ValueError, KeyError, TypeError):
        return response.text
