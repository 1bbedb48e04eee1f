"""The handler that AWS's TensorFlow Serving container 2.20 calls for every request (code/inference.py in the archive).

Requests: application/json {"instances": [image, ...]} with images of 28 rows of 28 whole numbers from 0 to 255;
image/png, one file of 28 x 28 pixels; application/x-npy, uint8 of shape [28, 28] or [n, 28, 28].
Answer: {"predictions": [{"class": 7, "probability": 0.99, "probabilities": [...]}, ...]}, as TensorFlow Serving writes
it. Errors: {"error": sentence} with status 400, 406, 415, or TensorFlow Serving's own.

The container's Python service turns every exception into status 500, except one: it passes `falcon.HTTPError` on,
whose status and body falcon writes (3.1.0 there). That is the only way to another status: the errors here are falcon's.
Source: aws/deep-learning-containers, scripts/docker/tensorflow/inference/sagemaker/python_service.py.
"""

from __future__ import annotations

import base64
import io
import json
import math
import struct
from collections.abc import Callable
from http.client import responses
from typing import Any, Protocol

import numpy as np
import requests

try:
    from falcon import HTTPError
except ImportError:  # outside the container; what catches these must read `status` and `to_dict` itself

    class HTTPError(Exception):  # type: ignore[no-redef]
        """Falcon's exception, as far as it is used here."""

        def __init__(self, status: str, *, title: str | None = None, description: str | None = None) -> None:
            super().__init__(description)
            self.status, self.title, self.description = status, title, description


SIZE = 28
PIXELS = SIZE * SIZE
JSON = "application/json"
NPY_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
MODEL_AT_FAULT = ("Serving signature name: ", "Failed to get input map for signature: ")
"""How TensorFlow Serving's 400 begins where the model lacks a signature: no request is to blame, so it is a 5xx."""
SESSION = requests.Session()
"""One connection to TensorFlow Serving for all requests of this worker."""


class RequestRefused(HTTPError):
    """When a request cannot be answered; the sentence says what was received and what is allowed."""

    def __init__(self, status: int, sentence: str) -> None:
        phrase = responses.get(status, "Unknown")
        super().__init__(f"{status} {phrase}", title=phrase, description=sentence)

    def to_dict(self, obj_type: Callable[[], dict[str, Any]] = dict) -> dict[str, Any]:
        """The body that falcon writes as JSON; the same shape as the container's own errors."""
        body = obj_type()
        body["error"] = self.description
        return body

    def __str__(self) -> str:
        return str(self.description)


class Context(Protocol):
    """What of the container's context is used here."""

    rest_uri: str
    request_content_type: str
    accept_header: str
    timeout: int


def handler(data: io.BufferedIOBase, context: Context) -> tuple[bytes, str]:
    """Answer one request: the body and its content type. Raises RequestRefused."""
    _require_json_accepted(context.accept_header)
    content_type = _media_type(context.request_content_type)
    if content_type not in READERS:
        raise RequestRefused(415, f"Content type {content_type or 'none'} is not served: send {', '.join(READERS)}.")
    body = data.read()
    if not body:
        raise RequestRefused(400, f"The body is empty, and should be {content_type}.")
    return _predict(READERS[content_type](body), context), JSON


def _predict(request: dict[str, Any], context: Context) -> bytes:
    response = SESSION.post(context.rest_uri, data=json.dumps(request), timeout=context.timeout)
    if response.status_code != 200:
        error = _error_of(response)
        raise RequestRefused(500 if error.startswith(MODEL_AT_FAULT) else response.status_code, error)
    return response.content


def _error_of(response: requests.Response) -> str:
    try:
        return str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return response.text


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        instances = json.loads(body)["instances"]
    except (ValueError, RecursionError) as error:
        raise RequestRefused(400, f"The body is no JSON: {error}.") from None
    except (KeyError, TypeError):
        raise RequestRefused(400, 'The body must be an object with the member "instances", a list of images.') from None
    try:
        images = np.array(instances)
    except ValueError:
        raise RequestRefused(400, "The instances are not all 28 rows of 28 numbers.") from None
    if images.ndim != 3 or images.shape[1:] != (SIZE, SIZE):
        raise RequestRefused(400, f"The instances have the shape {list(images.shape)}, and must have [n, 28, 28].")
    if images.dtype.kind not in "iu" or images.min() < 0 or images.max() > 255:
        raise RequestRefused(400, "The instances must hold whole numbers from 0 to 255.")
    return _raw_request(images.astype(np.uint8))


def _read_npy(body: bytes) -> dict[str, Any]:
    """Source: NumPy, "numpy.lib.format". The header is judged before anything as large as it claims is made."""
    stream = io.BytesIO(body)
    try:
        read_header = NPY_HEADERS[np.lib.format.read_magic(stream)]
        shape, columns_first, dtype = read_header(stream)
    except (ValueError, KeyError) as error:
        raise RequestRefused(400, f"The body is no npy array: {error}.") from None
    if dtype != np.uint8:
        raise RequestRefused(400, f"The array is of {dtype}, and must be of uint8.")
    if shape[-2:] != (SIZE, SIZE) or len(shape) not in (2, 3) or 0 in shape:
        raise RequestRefused(400, f"The array has the shape {list(shape)}, and must have [28, 28] or [n, 28, 28].")
    content = body[stream.tell() :]
    if len(content) != math.prod(shape):
        raise RequestRefused(400, f"The header announces {math.prod(shape)} bytes, and {len(content)} follow.")
    return _raw_request(np.frombuffer(content, np.uint8).reshape(shape, order="F" if columns_first else "C"))


def _read_png(body: bytes) -> dict[str, Any]:
    if not body.startswith(PNG_START) or len(body) < 24:
        raise RequestRefused(400, "The body is no PNG file.")
    width, height = struct.unpack(">II", body[16:24])
    if (width, height) != (SIZE, SIZE):
        raise RequestRefused(400, f"The image has {width} x {height} pixels, and must have 28 x 28.")
    return _request("serving_png", [body])


def _raw_request(images: np.ndarray) -> dict[str, Any]:
    """Pixels as base64: a twentieth of the time that it takes to write and read them as numbers."""
    content = images.tobytes()
    return _request("serving_raw", [content[start : start + PIXELS] for start in range(0, len(content), PIXELS)])


def _request(signature: str, values: list[bytes]) -> dict[str, Any]:
    """TensorFlow Serving's row format. Source: TensorFlow Serving, "RESTful API", section "Encoding binary values"."""
    encoded = [{"b64": base64.b64encode(value).decode("ascii")} for value in values]
    return {"signature_name": signature, "instances": encoded}


READERS: dict[str, Callable[[bytes], dict[str, Any]]] = {
    JSON: _read_json,
    "image/png": _read_png,
    "application/x-npy": _read_npy,
}


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def _require_json_accepted(accept: str) -> None:
    wanted = {_media_type(part) for part in accept.split(",")}
    if not wanted & {"", "*/*", "application/*", JSON}:
        raise RequestRefused(406, f"Answers are {JSON}, and the request accepts only {accept}.")
