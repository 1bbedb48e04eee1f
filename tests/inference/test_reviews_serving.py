"""The handler of reviews-lstm with the trained model, its refusals, and TensorFlow 2.20."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from container_lab import Context, assert_refused, falcon_present, load, stream
from reviews_lab import ROOT, trained

pytestmark = pytest.mark.tensorflow

with falcon_present():
    INFERENCE = load("reviews_lstm")

PYTHON = ROOT / ".cache" / "serving-tensorflow" / "bin" / "python"
REVIEWS = ["A wonderful, gripping film", "dull and boring", "Été «superbe» & 东 touching\u2009!"]
TEXT, JSON = "text/plain", "application/json"
SCRIPT = """
import json, sys
import tensorflow as tf
signature = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answer = signature(texts=tf.constant(json.loads(sys.argv[2])))
classes = [name.decode() for name in answer["class"].numpy()]
found = {"class": classes, "probability": answer["probability"].numpy().tolist()}
print(json.dumps({"version": tf.__version__, "answer": found}))
"""


def predict(uri: str, content_type: str, body: bytes) -> list[dict]:
    content, answered = INFERENCE.handler(stream(body), Context(uri, content_type))
    assert answered == JSON
    return json.loads(content)["predictions"]


def test_both_content_types_agree(reviews_uri: str) -> None:
    by_text = predict(reviews_uri, "text/plain; charset=utf-8", "\r\n".join(REVIEWS).encode() + b"\n")
    by_json = predict(reviews_uri, JSON, json.dumps({"instances": REVIEWS}).encode())
    assert by_text == by_json
    assert [row["class"] for row in by_text] == ["positive", "negative", "positive"]
    assert all(set(row) == {"class", "probability"} and 0.5 <= row["probability"] <= 1 for row in by_text)


def test_a_review_of_several_lines_is_one_instance(reviews_uri: str) -> None:
    body = json.dumps({"instances": ["a film that is\nwonderful\n\nand touching"]}).encode()
    assert [row["class"] for row in predict(reviews_uri, JSON, body)] == ["positive"]


STRANGE = {
    "one word": "wonderful",
    "one word repeated": "wonderful " * 1999,
    "a mark alone": "!",
    "Chinese": "这部电影很好看",
    "Arabic": "فيلم رائع جدا",
    "Cyrillic, unknown words": "Замечательный фильм",
    "emoji beside a word": "wonderful \N{GRINNING FACE}",
    "NUL inside": "wonderful\0film",
    "BOM before": "\ufeffwonderful film",
    "combining marks": "cafe\u0301 wonderful",
}


@pytest.mark.parametrize("case", STRANGE)
def test_a_strange_review_is_answered(reviews_uri: str, case: str) -> None:
    [answer] = predict(reviews_uri, JSON, instances([STRANGE[case]]))
    assert 0.5 <= answer["probability"] <= 1
    if "wonderful" in STRANGE[case]:
        assert answer["class"] == "positive"


def test_a_byte_order_mark_and_nul_change_nothing(reviews_uri: str) -> None:
    plain, marked, cut = predict(reviews_uri, JSON, instances(["a dull film", "\ufeffa dull film", "a dull\0film"]))
    assert plain == marked == cut


def instances(value: object) -> bytes:
    return json.dumps({"instances": value}).encode()


LIST = 'The member "instances" must be a list of at least one review, each a text.'
REFUSED = {
    "csv": ("text/csv", b"x", 415, "Content type text/csv is not served: send text/plain, application/json."),
    "empty": (TEXT, b"", 400, "The body is empty, and should be text/plain."),
    "no words": (TEXT, b" \n", 400, "Line 1 is empty, and must be a review."),
    "gap": (TEXT, b"one\n\nthree\n", 400, "Line 2 is empty, and must be a review."),
    "latin-1": (TEXT, b"caf\xe9", 400, "The body is not UTF-8: the byte 0xe9 at position 3 belongs to no character."),
    "too long": (TEXT, b"x" * 20_001, 400, "Line 1 has 20,001 characters, and a review has at most 20,000."),
    "20,000 words": (TEXT, b"good " * 20_000, 400, "Line 1 has 100,000 characters, and a review has at most 20,000."),
    "only a mark": (TEXT, b"good\n...\n", 400, "Line 2 has no word: a review has letters, digits, ! or ?."),
    "only a BOM": (TEXT, b"\xef\xbb\xbf", 400, "Line 1 has no word: a review has letters, digits, ! or ?."),
    "only NUL": (JSON, instances(["good", "\0"]), 400, "Instance 1 has no word: a review has letters, digits, ! or ?."),
    "UTF-16": (TEXT, "a good film".encode("utf-16"), 400, "The body is not UTF-8: the byte 0xff at position 0 belongs"),
    "no JSON": (JSON, b"{", 400, "The body is not JSON"),
    "no list": (JSON, instances("good"), 400, LIST),
    "none": (JSON, instances([]), 400, LIST),
    "other name": (JSON, b'{"texts": []}', 400, 'The body must be an object with the member "instances", a list of r'),
    "number": (JSON, instances(["good", 7]), 400, "Instance 1 is not a text, and each must be a review's text."),
    "empty text": (JSON, instances(["good", ""]), 400, "Instance 1 is empty, and must be a review."),
    "long text": (JSON, instances(["x" * 30_000]), 400, "Instance 0 has 30,000 characters"),
    "surrogate": (JSON, b'{"instances": ["\\ud800"]}', 400, "A review holds half of a surrogate pair"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_request_is_refused_with_a_sentence(case: str) -> None:
    content_type, body, status, sentence = REFUSED[case]
    assert_refused(INFERENCE, body, content_type, status, sentence)


def answers_of(python: Path | str) -> dict:
    """The SavedModel's answer under that interpreter's TensorFlow."""
    command = [str(python), "-c", SCRIPT, str(trained() / "model" / "1"), json.dumps(REVIEWS)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.skipif(not PYTHON.exists() and not os.environ.get("CI"), reason="make test installs that TensorFlow")
def test_the_serving_container_s_tensorflow_predicts_what_the_training_container_s_does(reviews_uri: str) -> None:
    there = answers_of(PYTHON)
    assert there["version"].startswith("2.20.")
    here = predict(reviews_uri, JSON, instances(REVIEWS))
    assert there["answer"]["class"] == [row["class"] for row in here]
    np.testing.assert_allclose(there["answer"]["probability"], [row["probability"] for row in here], atol=1e-5)
