"""The handler of digits-cnn in AWS's TensorFlow Serving container 2.20 (code/inference.py in the archive).

Requests: application/json {"instances": [image, ...]} with images of 28 rows of 28 whole numbers from 0 to 255;
image/png, one file of 28 x 28 pixels, where what is transparent lies on black; application/x-npy, uint8 of shape
[28, 28] or [n, 28, 28].
Answer: TensorFlow Serving's JSON, {"predictions": [{"class": 7, "probability": 0.99, "probabilities": [...]}, ...]}.
Errors: {"error": sentence} with status 400, 406, 415, or TensorFlow Serving's own.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from typing import Any

import numpy as np
from serving import Context, Reader, RequestRefused, answer, json_member, rows

CONTENT_TYPES = ("application/json", "image/png", "application/x-npy")
RESPONSE_TYPES = ("application/json",)
SIZE = 28
PIXELS = SIZE * SIZE
NPY_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
PIXEL_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
LARGEST_PNG = 2**20
LARGEST_UNPACKED = 8 * PIXELS + 2 * SIZE
"""Bytes of the largest image: 16 bits of red, green, blue and alpha a pixel, and interlaced rows' filter types."""


def handler(data: io.BufferedIOBase, context: Context) -> tuple[bytes, str]:
    """Answer one request: the body and its content type. Raises RequestRefused."""
    return answer(data, context, READERS, RESPONSE_TYPES)


def _read_json(body: bytes) -> dict[str, Any]:
    instances = json_member(body, "instances", "a list of images")
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
    """Check the header before allocating the size that it claims. Source: NumPy, "numpy.lib.format"."""
    stream = io.BytesIO(body)
    try:
        read_header = NPY_HEADERS[np.lib.format.read_magic(stream)]
        shape, columns_first, dtype = read_header(stream)
    except (ValueError, KeyError) as error:
        raise RequestRefused(400, f"The body is not an npy array: {error}.") from None
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
        raise RequestRefused(400, "The body is not a PNG file.")
    width, height = struct.unpack(">II", body[16:24])
    if (width, height) != (SIZE, SIZE):
        raise RequestRefused(400, f"The image has {width} x {height} pixels, and must have 28 x 28.")
    if len(body) > LARGEST_PNG:
        raise RequestRefused(400, f"The PNG file has {len(body):,} bytes, and may have {LARGEST_PNG:,}.")
    return rows("serving_png", [_only_pixels(body)])


def _only_pixels(body: bytes) -> bytes:
    """Drop texts and profiles, and refuse what unpacks to more than the pixels need.

    Source: W3C, "Portable Network Graphics (PNG) Specification", "Chunk layout" and "Image layout".
    """
    kept, packed, start = [body[:8]], [], 8
    while start + 8 <= len(body):
        length, kind = struct.unpack_from(">I4s", body, start)
        chunk = body[start : start + 12 + length]
        if kind in PIXEL_CHUNKS:
            kept.append(chunk)
        if kind == b"IDAT":
            packed.append(chunk[8:-4])
        start += len(chunk)
    try:
        unpacked = zlib.decompressobj().decompress(b"".join(packed), LARGEST_UNPACKED + 1)
    except zlib.error as error:
        raise RequestRefused(400, f"The PNG file's pixels cannot be unpacked: {error}.") from None
    if len(unpacked) > LARGEST_UNPACKED:
        raise RequestRefused(400, f"The PNG file unpacks to more than {LARGEST_UNPACKED:,} bytes for 28 x 28 pixels.")
    return b"".join(kept)


def _raw_request(images: np.ndarray) -> dict[str, Any]:
    """Send pixels as base64, which takes a twentieth of the time of numbers in JSON."""
    content = images.tobytes()
    return rows("serving_raw", [content[start : start + PIXELS] for start in range(0, len(content), PIXELS)])


READERS: dict[str, Reader] = dict(zip(CONTENT_TYPES, (_read_json, _read_png, _read_npy), strict=True))
