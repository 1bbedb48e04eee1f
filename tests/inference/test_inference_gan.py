"""The handler of digits-gan: what it asks TensorFlow Serving for, both answers, and every way to be refused."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from container_lab import Context, FalconError, falcon_present, load, stream
from PIL import Image

with falcon_present():
    INFERENCE = load("digits_gan")


class Served:
    """TensorFlow Serving's answer in columnar format; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: dict = {}

    def __call__(self, request: dict, context: Context) -> bytes:
        self.asked = request
        count = request["inputs"]["count"]
        images = np.arange(count)[:, None, None] * np.ones((1, 28, 28), int)
        return json.dumps({"outputs": images.tolist()}).encode()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    served = Served()
    monkeypatch.setattr(INFERENCE, "predict", served)
    return served


def handle(body: object, accept: str = "application/json", content_type: str = "application/json") -> tuple[bytes, str]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return INFERENCE.handler(stream(content), Context("http://unused", content_type, accept))


def test_json_holds_the_seed_and_the_pixels(served: Served) -> None:
    content, content_type = handle({"seed": 7, "count": 3})
    assert served.asked == {"signature_name": "serving_default", "inputs": {"seed": 7, "count": 3}}
    assert content_type == "application/json"
    answer = json.loads(content)
    assert answer["seed"] == 7
    assert np.array(answer["images"]).shape == (3, 28, 28)


def test_count_is_16_where_nobody_says(served: Served) -> None:
    assert len(json.loads(handle({"seed": 0})[0])["images"]) == 16


@pytest.mark.parametrize("digit", [0, 9])
def test_a_digit_can_be_asked_for(served: Served, digit: int) -> None:
    answer = json.loads(handle({"seed": 7, "count": 3, "digit": digit})[0])
    assert served.asked == {"signature_name": "serving_digit", "inputs": {"seed": 7, "count": 3, "digit": digit}}
    assert np.array(answer["images"]).shape == (3, 28, 28)


@pytest.mark.parametrize(("count", "size"), [(1, (28, 28)), (10, (280, 28)), (12, (280, 56))])
def test_png_is_one_sheet(served: Served, count: int, size: tuple[int, int]) -> None:
    content, content_type = handle({"seed": 7, "count": count}, accept="image/png")
    assert content_type == "image/png"
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == size
        assert picture.mode == "L"
        pixels = np.array(picture)
    places = [divmod(number, 10) for number in range(count)]
    assert [int(pixels[row * 28 + 27, column * 28 + 27]) for row, column in places] == list(range(count))


REFUSED = {
    "no JSON": (b"{", 400, "The body is not JSON"),
    "no object": ([7], 400, 'must be an object with the member "seed"'),
    "no seed": ({"count": 3}, 400, 'must be an object with the member "seed"'),
    "a stranger": (
        {"seed": 1, "n": 3},
        400,
        'The body has the member "n", and may have "seed", "count" and "digit" only.',
    ),
    "negative": ({"seed": -1}, 400, "seed is -1, and must be a whole number from 0 to 9223372036854775807."),
    "too large": ({"seed": 2**63}, 400, "seed is 9223372036854775808, and must be"),
    "true": ({"seed": True}, 400, "seed is true, and must be a whole number"),
    "a fraction": ({"seed": 1, "count": 1.5}, 400, "count is 1.5, and must be a whole number from 1 to 256."),
    "none": ({"seed": 1, "count": 0}, 400, "count is 0, and must be a whole number from 1 to 256."),
    "too many": ({"seed": 1, "count": 257}, 400, "count is 257, and must be a whole number from 1 to 256."),
    "no digit": ({"seed": 1, "digit": 10}, 400, "digit is 10, and must be a whole number from 0 to 9."),
    "a digit in words": ({"seed": 1, "digit": "7"}, 400, 'digit is "7", and must be a whole number from 0 to 9.'),
    "null": ({"seed": 1, "digit": None}, 400, "digit is null, and must be a whole number from 0 to 9."),
    "empty": (b"", 400, "The body is empty, and should be application/json."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_request_that_is_refused(case: str, served: Served) -> None:
    body, status, sentence = REFUSED[case]
    with pytest.raises(FalconError) as raised:
        handle(body)
    assert raised.value.status.startswith(str(status))
    assert sentence in raised.value.to_dict()["error"]
    assert served.asked == {}


def test_other_types_are_refused(served: Served) -> None:
    with pytest.raises(FalconError) as raised:
        handle({"seed": 1}, accept="text/csv")
    assert raised.value.status.startswith("406")
    with pytest.raises(FalconError) as raised:
        handle({"seed": 1}, content_type="image/png")
    assert raised.value.status.startswith("415")
