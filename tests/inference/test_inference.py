"""The handler of digits-cnn against the trained model: three content types, and every way to be refused."""

from __future__ import annotations

import base64
import io
import json
import pickle
import struct
import threading
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from container_lab import Context, FalconError, assert_refused, falcon_present, load, stream
from digits_lab import prepared
from PIL import Image

from training.common.manifest import Manifest
from training.common.report.pictures import png
from training.common.shard_reader import read_whole

pytestmark = pytest.mark.tensorflow

with falcon_present():
    INFERENCE = load("digits_cnn")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return read_whole(prepared() / "test", Manifest.read(prepared() / "test"))[0][:100]


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def npy_header(shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def predict(rest_uri: str, content_type: str, body: bytes, accept: str = "application/json") -> list[dict]:
    content, answered = INFERENCE.handler(stream(body), Context(rest_uri, content_type, accept))
    assert answered == "application/json"
    return json.loads(content)["predictions"]


def test_the_three_content_types_agree(rest_uri: str, images: np.ndarray) -> None:
    by_npy = predict(rest_uri, "application/x-npy", npy(images))
    by_json = predict(rest_uri, "application/json", json.dumps({"instances": images.tolist()}).encode())
    by_png = [predict(rest_uri, "image/png", png(image))[0] for image in images[:10]]
    assert len(by_npy) == 100
    assert set(by_npy[0]) == {"class", "probability", "probabilities"}
    assert [row["class"] for row in by_json] == [row["class"] for row in by_npy]
    for found in (by_json, by_png):
        for row, expected in zip(found, by_npy, strict=False):
            np.testing.assert_allclose(row["probabilities"], expected["probabilities"], atol=1e-5)
    for row in by_npy:
        assert row["class"] == int(np.argmax(row["probabilities"]))
        assert row["probability"] == max(row["probabilities"])


def test_predictions_are_right(rest_uri: str, images: np.ndarray) -> None:
    labels = read_whole(prepared() / "test", Manifest.read(prepared() / "test"))[1][:100]
    found = [row["class"] for row in predict(rest_uri, "application/x-npy", npy(images))]
    assert np.mean(found == labels) > 0.9


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_either_order_and_one_image_are_taken(rest_uri: str, images: np.ndarray, order: str) -> None:
    expected = predict(rest_uri, "application/x-npy", npy(images[:1]))
    assert predict(rest_uri, "application/x-npy", npy(np.asarray(images[0], order=order))) == expected  # type: ignore[call-overload]


@pytest.mark.parametrize("accept", ["*/*", "application/json; charset=utf-8", "text/html, application/*;q=0.8", ""])
def test_every_accept_header_that_allows_json_is_served(rest_uri: str, images: np.ndarray, accept: str) -> None:
    assert predict(rest_uri, "IMAGE/PNG; charset=binary", png(images[0]), accept)


def file_of(picture: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", **options)
    return buffer.getvalue()


def white_by_alpha(image: np.ndarray) -> bytes:
    white = np.full_like(image, 255)
    return file_of(Image.fromarray(np.dstack([white, white, white, image])))


def white_by_grey_and_alpha(image: np.ndarray) -> bytes:
    return file_of(Image.fromarray(np.dstack([np.full_like(image, 255), image])))


def white_by_palette(image: np.ndarray) -> bytes:
    picture = Image.fromarray(image).copy()
    picture.putpalette([255] * 768)
    return file_of(picture, transparency=bytes(range(256)))


def black_by_alpha(image: np.ndarray) -> bytes:
    return file_of(Image.fromarray(np.dstack([np.zeros_like(image)] * 3 + [image])))


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def interlaced(*, depth: int) -> bytes:
    """A white picture in seven passes, with red, green, blue and alpha."""
    passes = [(4, 4), (4, 3), (3, 7), (7, 7), (7, 14), (14, 14), (14, 28)]
    rows = b"".join((b"\0" + b"\xff" * (width * depth // 2)) * height for height, width in passes)
    header = struct.pack(">IIBBBBB", 28, 28, depth, 6, 0, 0, 1)
    chunks = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("drawn", [white_by_alpha, white_by_grey_and_alpha, white_by_palette])
def test_transparency_lies_on_black(rest_uri: str, images: np.ndarray, drawn: Callable[[np.ndarray], bytes]) -> None:
    for image in images[:3]:
        (expected,) = predict(rest_uri, PNG, png(image))
        (found,) = predict(rest_uri, PNG, drawn(image))
        np.testing.assert_allclose(found["probabilities"], expected["probabilities"], atol=1e-5)


def test_a_picture_that_transparency_hides_is_refused(rest_uri: str, images: np.ndarray) -> None:
    with pytest.raises(FalconError) as raised:
        INFERENCE.handler(stream(black_by_alpha(images[0])), Context(rest_uri, PNG))
    assert raised.value.status == "400 Bad Request"
    sentence = "The image shows nothing: what is transparent lies on black, so strokes must be bright."
    assert raised.value.to_dict() == {"error": sentence}


@pytest.mark.parametrize("depth", [8, 16])
def test_the_largest_pictures_are_within_the_bound(rest_uri: str, depth: int) -> None:
    white = np.full((28, 28), 255, np.uint8)
    assert predict(rest_uri, PNG, interlaced(depth=depth)) == predict(rest_uri, PNG, png(white))


def test_texts_and_profiles_are_not_unpacked(rest_uri: str, images: np.ndarray) -> None:
    body = png(images[0])
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(10**8)))
    (request,) = INFERENCE._read_png(body[:33] + text + body[33:])["instances"]
    assert base64.b64decode(request["b64"]) == body
    assert predict(rest_uri, PNG, body[:33] + text + body[33:]) == predict(rest_uri, PNG, body)


def instances(value: object) -> bytes:
    return json.dumps({"instances": value}).encode()


IMAGE = np.zeros((28, 28), np.uint8)
ROWS = IMAGE.tolist()


def bomb(size: int) -> bytes:
    content = png(IMAGE)
    return content[:33] + chunk(b"IDAT", zlib.compress(bytes(size))) + chunk(b"IEND", b"")


def damaged(position: int) -> bytes:
    content = bytearray(png(IMAGE))
    content[position] ^= 255
    return bytes(content)


JSON, PNG, NPY = "application/json", "image/png", "application/x-npy"
NUMBERS = "The instances must hold whole numbers from 0 to 255."
REFUSED = {
    "csv": ("text/csv", b"1,2", 415, "Content type text/csv is not served: send application/json, image/png, applic"),
    "jpeg": ("image/jpeg", b"x", 415, "Content type image/jpeg is not served"),
    "no type": ("", b"x", 415, "Content type none is not served"),
    "empty": (NPY, b"", 400, "The body is empty, and should be application/x-npy."),
    "no JSON": (JSON, b"{", 400, "The body is not JSON"),
    "not UTF-8": (JSON, b'{"instances": "\xff"}', 400, "The body is not JSON"),
    "deep": (JSON, b'{"instances":' + b"[" * 100_000, 400, "The body is not JSON"),
    "list": (JSON, b"[1]", 400, 'The body must be an object with the member "instances", a list of images.'),
    "number": (JSON, b"1", 400, 'The body must be an object with the member "instances"'),
    "other name": (JSON, b'{"inputs": []}', 400, 'The body must be an object with the member "instances"'),
    "none": (JSON, instances([]), 400, "The instances have the shape [0], and must have [n, 28, 28]."),
    "one image bare": (JSON, instances(ROWS), 400, "The instances have the shape [28, 28], and must have [n, 28, 28]."),
    "null": (JSON, instances(None), 400, "The instances have the shape [], and must have [n, 28, 28]."),
    "ragged": (JSON, instances([ROWS, ROWS[1:]]), 400, "The instances are not all 28 rows of 28 numbers."),
    "27 rows": (JSON, instances([ROWS[1:]]), 400, "The instances have the shape [1, 27, 28], and must"),
    "too bright": (JSON, instances([[*ROWS[1:], [256] * 28]]), 400, NUMBERS),
    "negative": (JSON, instances([[*ROWS[1:], [-1] * 28]]), 400, NUMBERS),
    "fractions": (JSON, instances([[*ROWS[1:], [0.5] * 28]]), 400, NUMBERS),
    "huge": (JSON, instances([[*ROWS[1:], [10**30] * 28]]), 400, NUMBERS),
    "text": (JSON, instances([[*ROWS[1:], ["1"] * 28]]), 400, NUMBERS),
    "booleans": (JSON, instances([[[True] * 28] * 28]), 400, NUMBERS),
    "nulls": (JSON, instances([[[None] * 28] * 28]), 400, NUMBERS),
    "no PNG": (PNG, b"GIF89a", 400, "The body is not a PNG file."),
    "cut PNG": (PNG, png(IMAGE)[:20], 400, "The body is not a PNG file."),
    "bomb": (PNG, bomb(5 * 10**7), 400, "The PNG file unpacks to more than 6,328 bytes for 28 x 28 pixels."),
    "long PNG": (PNG, png(IMAGE) + bytes(2**20), 400, "The PNG file has 1,048,6"),
    "unpackable": (PNG, damaged(45), 400, "The PNG file's pixels cannot be unpacked: Error -3"),
    "small PNG": (PNG, png(IMAGE[:8]), 400, "The image has 28 x 8 pixels, and must have 28 x 28."),
    "no npy": (NPY, b"\x93NUMPY", 400, "The body is not an npy array"),
    "npy 3.0": (NPY, b"\x93NUMPY\x03\x00" + npy(IMAGE)[8:], 400, "The body is not an npy array: (3, 0)."),
    "cut header": (NPY, npy(IMAGE)[:60], 400, "The body is not an npy array"),
    "cut npy": (NPY, npy(IMAGE)[:-1], 400, "The header announces 784 bytes, and 783 follow."),
    "long npy": (NPY, npy(IMAGE) + b"x", 400, "The header announces 784 bytes, and 785 follow."),
    "huge npy": (NPY, npy_header((10**12, 28, 28)), 400, "The header announces 784000000000000 bytes, and 0 follow."),
    "pickle": (NPY, pickle.dumps(IMAGE), 400, "The body is not an npy array"),
    "objects": (NPY, npy(np.array([{}])), 400, "The array is of object, and must be of uint8."),
    "npz": (NPY, b"PK\x03\x04" + bytes(40), 400, "The body is not an npy array"),
    "float npy": (NPY, npy(IMAGE.astype(np.float32)), 400, "The array is of float32, and must be of uint8."),
    "flat npy": (NPY, npy(IMAGE.ravel()), 400, "The array has the shape [784], and must have [28, 28] or [n, 28, 28]."),
    "four axes": (NPY, npy(IMAGE[None, None]), 400, "The array has the shape [1, 1, 28, 28], and must have"),
    "no images": (NPY, npy(IMAGE[None][:0]), 400, "The array has the shape [0, 28, 28], and must have"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_request_is_refused_with_a_sentence(case: str) -> None:
    content_type, body, status, sentence = REFUSED[case]
    assert_refused(INFERENCE, body, content_type, status, sentence)


def test_an_answer_that_nobody_accepts_is_refused() -> None:
    with pytest.raises(FalconError) as raised:
        INFERENCE.handler(stream(npy(IMAGE)), Context("http://127.0.0.1:1/", NPY, "text/csv"))
    assert raised.value.status == "406 Not Acceptable"


def test_tensorflow_serving_s_refusal_is_passed_on(rest_uri: str) -> None:
    checksum_of_pixels = -13
    with pytest.raises(FalconError) as raised:
        INFERENCE.handler(stream(damaged(checksum_of_pixels)), Context(rest_uri, PNG))
    assert raised.value.status == "400 Bad Request"
    with pytest.raises(FalconError) as raised:
        INFERENCE.handler(stream(npy(IMAGE)), Context(rest_uri.replace("/model:", "/other:"), NPY))
    assert raised.value.status == "404 Not Found"
    assert raised.value.to_dict()["error"] == "Servable not found for request: Latest(other)"


def refusal(status: int, body: bytes) -> FalconError:
    """The handler's error for this answer of TensorFlow Serving."""

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.handle_request, daemon=True).start()
    with pytest.raises(FalconError) as raised:
        INFERENCE.handler(stream(npy(IMAGE)), Context(f"http://127.0.0.1:{server.server_port}/", NPY))
    server.server_close()
    return raised.value


def test_a_status_without_a_name_is_passed_on() -> None:
    error = refusal(520, b"busy")
    assert error.status.startswith("520 ")
    assert error.to_dict() == {"error": "busy"}


@pytest.mark.parametrize(
    "sentence",
    [
        'Serving signature name: "serving_raw" not found in signature def',
        "Failed to get input map for signature: serving_raw",
    ],
)
def test_a_model_without_its_signature_is_the_server_s_fault(sentence: str) -> None:
    error = refusal(400, json.dumps({"error": sentence}).encode())
    assert error.status == "500 Internal Server Error"
    assert error.to_dict() == {"error": sentence}


def test_without_falcon_the_errors_carry_the_same() -> None:
    module = load("digits_cnn")
    with pytest.raises(Exception, match=r"The body is not a PNG file\.") as raised:
        module.handler(stream(b"x"), Context("http://127.0.0.1:1/", PNG))
    assert raised.value.status == "400 Bad Request"  # type: ignore[attr-defined]
    assert raised.value.to_dict() == {"error": "The body is not a PNG file."}  # type: ignore[attr-defined]
