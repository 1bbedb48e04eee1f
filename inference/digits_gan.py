"""The handler of digits-gan in AWS's TensorFlow Serving container 2.20 (code/inference.py in the archive).

Requests: application/json {"seed": 7, "count": 16, "digit": 3}: the first 16 threes of seed 7. Without digit the
seed draws the digits, too; count is 16 if it is left out.
Answer: {"seed": 7, "images": [...]}, 28 rows of 28 whole numbers from 0 to 255 an image, or with Accept: image/png one
sheet of them, in rows of at most ten. Errors: {"error": sentence} with status 400, 406, 415, or TensorFlow Serving's.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from typing import Any

import numpy as np
from serving import Context, Reader, RequestRefused, accepted_type, json_member, predict, read

CONTENT_TYPES = ("application/json",)
RESPONSE_TYPES = ("application/json", "image/png")
JSON, PNG = RESPONSE_TYPES
COUNT = 16
MOST_IMAGES = 256
LARGEST_DIGIT = 9
LARGEST_SEED = 2**63 - 1
COLUMNS = 10


def handler(data: io.BufferedIOBase, context: Context) -> tuple[bytes, str]:
    """Answer one request: the body and its content type. Raises RequestRefused."""
    accepted = accepted_type(context.accept_header, RESPONSE_TYPES)
    request = read(data, context, READERS)
    images = json.loads(predict(request, context))["outputs"]
    if accepted == PNG:
        return _png(_sheet(np.array(images, np.uint8))), PNG
    return json.dumps({"seed": request["inputs"]["seed"], "images": images}, separators=(",", ":")).encode(), JSON


def _read_json(body: bytes) -> dict[str, Any]:
    seed = _whole("seed", json_member(body, "seed", "a whole number"), 0, LARGEST_SEED)
    document = json.loads(body)
    strangers = sorted(set(document) - {"seed", "count", "digit"})
    if strangers:
        sentence = f'The body has the member "{strangers[0]}", and may have "seed", "count" and "digit" only.'
        raise RequestRefused(400, sentence)
    inputs = {"seed": seed, "count": _whole("count", document.get("count", COUNT), 1, MOST_IMAGES)}
    if "digit" not in document:
        return {"signature_name": "serving_default", "inputs": inputs}
    inputs["digit"] = _whole("digit", document["digit"], 0, LARGEST_DIGIT)
    return {"signature_name": "serving_digit", "inputs": inputs}


def _whole(name: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RequestRefused(
            400, f"{name} is {json.dumps(value)[:40]}, and must be a whole number from {low} to {high}."
        )
    return value


def _sheet(images: np.ndarray) -> np.ndarray:
    """Images uint8 [n, height, width] as one picture, row by row; the last row is filled with black."""
    count, height, width = images.shape
    columns = min(count, COLUMNS)
    rows = -(-count // columns)
    filled = np.zeros((rows * columns, height, width), np.uint8)
    filled[:count] = images
    return filled.reshape(rows, columns, height, width).transpose(0, 2, 1, 3).reshape(rows * height, columns * width)


def _png(picture: np.ndarray) -> bytes:
    """A grey picture uint8 [height, width] as a file. Source: W3C, "Portable Network Graphics (PNG) Specification"."""
    height, width = picture.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    unfiltered = np.pad(picture, ((0, 0), (1, 0))).tobytes()
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(unfiltered)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


READERS: dict[str, Reader] = dict(zip(CONTENT_TYPES, (_read_json,), strict=True))
