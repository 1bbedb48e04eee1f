"""The handler of reviews-lstm in AWS's TensorFlow Serving container 2.20 (code/inference.py in the archive).

Requests: text/plain, UTF-8, one review a line, as batch transform splits files; application/json
{"instances": [review, ...]}, for reviews of several lines too.
Answer: TensorFlow Serving's JSON, {"predictions": [{"class": "positive", "probability": 0.93}, ...]} in the reviews'
order; a class is "positive" or "negative". Errors: {"error": sentence} with status 400, 406, 415, or TensorFlow
Serving's own.
"""

from __future__ import annotations

import io
from typing import Any

from serving import Context, Reader, RequestRefused, answer, json_member, rows

CONTENT_TYPES = ("text/plain", "application/json")
RESPONSE_TYPES = ("application/json",)
LONGEST = 20_000
"""Characters of a review. The model reads only its first words; a far longer text is another kind of file."""
MARKS = "!?"
"""The model reads these as words, and letters and digits of any script."""


def handler(data: io.BufferedIOBase, context: Context) -> tuple[bytes, str]:
    """Answer one request: the body and its content type. Raises RequestRefused."""
    return answer(data, context, READERS, RESPONSE_TYPES)


def _read_text(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        found = f"the byte {body[error.start]:#04x} at position {error.start} belongs to no character"
        raise RequestRefused(400, f"The body is not UTF-8: {found}.") from None
    lines = text.removesuffix("\n").split("\n")
    return _request([(f"Line {number}", line.removesuffix("\r")) for number, line in enumerate(lines, 1)])


def _read_json(body: bytes) -> dict[str, Any]:
    instances = json_member(body, "instances", "a list of reviews")
    if not isinstance(instances, list) or not instances:
        raise RequestRefused(400, 'The member "instances" must be a list of at least one review, each a text.')
    for number, instance in enumerate(instances):
        if not isinstance(instance, str):
            raise RequestRefused(400, f"Instance {number} is not a text, and each must be a review's text.")
    return _request([(f"Instance {number}", text) for number, text in enumerate(instances)])


def _request(reviews: list[tuple[str, str]]) -> dict[str, Any]:
    """TensorFlow Serving's request for reviews, each with its place for error messages."""
    try:
        encoded = [text.encode() for _, text in reviews]
    except UnicodeEncodeError as error:
        raise RequestRefused(400, f"A review holds half of a surrogate pair, which is not text: {error}.") from None
    for place, text in reviews:
        if not text.strip():
            raise RequestRefused(400, f"{place} is empty, and must be a review.")
        if not any(character.isalnum() or character in MARKS for character in text):
            raise RequestRefused(400, f"{place} has no word: a review has letters, digits, ! or ?.")
        if len(text) > LONGEST:
            raise RequestRefused(400, f"{place} has {len(text):,} characters, and a review has at most {LONGEST:,}.")
    return rows("serving_default", encoded)


READERS: dict[str, Reader] = dict(zip(CONTENT_TYPES, (_read_text, _read_json), strict=True))
