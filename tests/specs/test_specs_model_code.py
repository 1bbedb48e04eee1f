"""Values against what a model's code declares of itself: metrics, files, judge, media types."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
from declared import ABSENT, Root
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specs import Problem, SpecError
from specs.serving_code import HandlerUnreadable, read_media_types
from specs.words import dotted

MODEL, GAN, REVIEWS = (f"models/{name}.toml" for name in ("digits-cnn", "digits-gan", "reviews-lstm"))
EVALUATION = ("evaluation",)
TUNING = ("training", "tuning")
FILES = ("data", "files")
BALANCE = {"metric": "class_balance", "threshold": 0.9}
MNIST = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
NO_FILE = "the step prepare reads no such file"
NO_TRAINING_METRIC, NO_METRIC = "the training job emits no such metric", "the evaluation job writes no such metric"

# The file, the key, its value; then the sentence, and what to write instead. The key of the problem is the same.
REFUSED: tuple[tuple[str, tuple[str | int, ...], Any, str, str], ...] = (
    (MODEL, ("evaluation", "metric"), "acuracy", NO_METRIC, '"accuracy"'),
    (MODEL, ("evaluation", "metric"), "auc", NO_METRIC, '"accuracy"'),
    (MODEL, ("evaluation", "threshold"), 99, "accuracy is never 99", "0.99"),
    (MODEL, ("evaluation", "threshold"), 101, "accuracy is never 101", "1"),
    (MODEL, ("evaluation", "threshold"), -0.5, "accuracy is never -0.5", "0"),
    (MODEL, ("evaluation", "tolerance"), 2, "two values of accuracy are never so far apart: no champion would", "0.02"),
    (MODEL, ("evaluation", "goal"), "minimize", "more of accuracy is better", 'goal = "maximize"'),
    (GAN, ("evaluation", "goal"), ABSENT, "less of frechet_distance is better", 'goal = "minimize"'),
    (GAN, ("evaluation", "threshold"), -1, "frechet_distance is never -1", "0"),
    (GAN, ("evaluation", "also", 0, "metric"), "class_balanse", NO_METRIC, '"class_balance"'),
    (
        GAN,
        ("evaluation", "also", 0, "metric"),
        "frechet_distance",
        "frechet_distance has a threshold already",
        "nothing",
    ),
    (GAN, ("evaluation", "also", 1, "metric"), "class_balance", "class_balance has a threshold already", "nothing"),
    (GAN, ("evaluation", "also", 0, "goal"), "minimize", "more of class_balance is better", 'goal = "maximize"'),
    (GAN, ("evaluation", "also", 0, "threshold"), 98, "class_balance is never 98", "0.98"),
    (GAN, ("evaluation", "judge"), ABSENT, "the evaluation's code reads a judge, and none is", 'judge = "…"'),
    (MODEL, ("evaluation", "judge"), "digits-gan", "the evaluation's code reads no judge", "nothing: remove judge"),
    (MODEL, ("training", "metrics", 3), "validation:acuracy", NO_TRAINING_METRIC, '"validation:accuracy"'),
    (GAN, ("training", "metrics", 3), "validation:accuracy", NO_TRAINING_METRIC, '"validation:pixel_frechet"'),
    (MODEL, (*TUNING, "objective"), "validation:acuracy", NO_TRAINING_METRIC, '"validation:accuracy"'),
    (
        MODEL,
        (*TUNING, "objective"),
        "train:learning_rate",
        "training.metrics does not list it",
        '"validation:accuracy"',
    ),
    (MODEL, (*TUNING, "goal"), "minimize", "more of validation:accuracy is better", 'goal = "maximize"'),
    (MODEL, ("serving", "content_types", 1), "image/jpeg", "the handler answers no such requests", '"image/png"'),
    (REVIEWS, ("serving", "content_types", 0), "text/csv", "the handler answers no such requests", '"text/plain"'),
    (MODEL, ("serving", "response_types", 0), "text/csv", "the handler writes no such answers", '"application/json"'),
    (MODEL, (*FILES, 0), "train-image-idx3-ubyte", NO_FILE, f'"{MNIST[0]}"'),
    (MODEL, (*FILES, 4), "notes.txt", NO_FILE, 'nothing: remove "notes.txt"'),
    (REVIEWS, (*FILES, 0), "reviews.csv", NO_FILE, '"movieReviewSnippets_GroundTruth.txt"'),
    (REVIEWS, (*FILES, 1), "aclImdb_v1.tar.gz", "this file is of another data set", "nothing: remove"),
    (MODEL, FILES, MNIST[:3], f"{MNIST[3]} is missing, which the step prepare reads", '["train-images-idx3-ubyte"'),
)


def only(root: Root) -> Problem:
    (problem,) = root.problems()
    return problem


def changed(root: Root, file: str, key: tuple[str | int, ...], value: Any) -> Root:
    if isinstance(key[-1], int):  # an item, perhaps one more
        items = list(_at(root.table(file), key[:-1]))
        items[key[-1] : key[-1] + 1] = [value]
        return root.put(file, key[:-1], items)
    return root.put(file, key, value)


def _at(table: Any, key: tuple[str | int, ...]) -> Any:
    for part in key:
        table = table[part]
    return table


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: f"{row[0][7:-5]}-{row[1][-1]}-{row[2]}")
def test_what_the_code_does_not_know_is_refused(root: Root, row: tuple[str, tuple, Any, str, str]) -> None:
    file, key, value, sentence, write = row
    problem = only(changed(root, file, key, value))
    assert problem.file == file
    assert problem.key == dotted(key)
    assert problem.message.startswith(sentence)
    assert problem.write.startswith(write)
    assert problem.line
    assert problem.column
    assert problem.received
    assert problem.allowed


ALLOWED: tuple[tuple[str, tuple[str | int, ...], Any], ...] = (
    (MODEL, ("evaluation", "metric"), "f1"),
    (MODEL, ("evaluation", "threshold"), 1),
    (MODEL, ("evaluation", "threshold"), 0),
    (MODEL, ("evaluation", "goal"), ABSENT),
    (REVIEWS, EVALUATION, {"metric": "baseline_auc", "goal": "minimize", "threshold": 0.9, "tolerance": 1}),
    (GAN, ("evaluation", "threshold"), 1e6),
    (GAN, ("evaluation", "also"), ABSENT),
    (GAN, ("evaluation", "also"), [BALANCE, {"metric": "frechet_floor", "goal": "minimize", "threshold": 5}]),
    (MODEL, ("training", "metrics"), ["train:learning_rate", "validation:accuracy"]),
    (MODEL, ("serving", "content_types"), ["image/png"]),
    (GAN, ("serving", "response_types"), ["image/png"]),
    (REVIEWS, FILES, ["aclImdb_v1.tar.gz"]),
)


@pytest.mark.parametrize("row", ALLOWED, ids=lambda row: f"{row[0][7:-5]}-{row[1][-1]}-{row[2]}")
def test_what_the_code_knows_is_allowed(root: Root, row: tuple[str, tuple[str | int, ...], Any]) -> None:
    file, key, value = row
    if key == ("evaluation", "goal"):
        root.put(file, key, "maximize")
    assert root.put(file, key, value).load().models


def test_a_misspelt_file_is_not_missing_as_well(root: Root) -> None:
    problems = root.put(MODEL, FILES, ["train-images", *MNIST[1:3], "t10k-labels"]).problems()
    assert [(each.key, each.write) for each in problems] == [
        ("data.files[0]", f'"{MNIST[0]}"'),
        ("data.files[3]", f'"{MNIST[3]}"'),
    ]


HANDLERS: dict[str, tuple[str, str]] = {
    "none": ("", "declares no CONTENT_TYPES"),
    "one": ("CONTENT_TYPES = ('a/b',)", "declares no RESPONSE_TYPES"),
    "list": ("CONTENT_TYPES = ['a/b']", "declares no CONTENT_TYPES as a tuple of texts, written out"),
    "empty": ("CONTENT_TYPES = ()", "declares no CONTENT_TYPES"),
    "made": ("CONTENT_TYPES = tuple(READERS)", "declares no CONTENT_TYPES"),
    "numbers": ("CONTENT_TYPES = (1,)", "declares no CONTENT_TYPES"),
    "text": ("CONTENT_TYPES = 'a/b'", "declares no CONTENT_TYPES"),
}


@pytest.mark.parametrize("case", HANDLERS)
def test_a_handler_without_media_types(root: Root, case: str) -> None:
    text, message = HANDLERS[case]
    root.own_code()
    (root.path / "inference" / "digits_cnn.py").write_text(text)
    problem = only(root)
    assert (problem.key, problem.line is None) == ("training.package", False)
    assert message in problem.message
    assert problem.write == f'{message.split()[2]} = ("application/json",)'


def test_a_handler_is_read_without_running_it(tmp_path: Path) -> None:
    (tmp_path / "inference").mkdir()
    text = "import no_such_module\nCONTENT_TYPES: tuple = ('a/b', 'c/d')\nRESPONSE_TYPES = ('e/f',)\n"
    (tmp_path / "inference" / "x.py").write_text(text)
    found = read_media_types(tmp_path, "x")
    assert (found.content_types, found.response_types) == (("a/b", "c/d"), ("e/f",))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(alphabet="CONTENT_TYPES=RESPONSE('\",a/b)[]:\n \\x00", max_size=60))
def test_any_handler(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "inference").mkdir()
        (Path(folder) / "inference" / "x.py").write_text(text)
        try:
            assert read_media_types(Path(folder), "x").content_types
        except HandlerUnreadable as error:
            sentence = str(error)
        else:
            return
    assert sentence.startswith("inference/x.py ")


NAMES = st.sampled_from(
    ["epocs", "epochs", "beta2", "seed", "precision", "accuracy", "acuracy", "f1", "validation:accuracy", "image/png",
     "image/jpeg", "minimize", MNIST[0], "digits_gan", "digit_cnn", "digits-gan", ""]
)  # fmt: skip
SIMPLE = NAMES | st.integers(-3, 200) | st.floats(-2, 200) | st.booleans()
SOME = SIMPLE | st.lists(SIMPLE, max_size=3) | st.dictionaries(NAMES, SIMPLE, max_size=3)
PLACES = (
    ("training", "package"), ("training", "metrics"), ("training", "hyperparameters"), (*TUNING, "objective"),
    (*TUNING, "goal"), (*TUNING, "ranges"), (*TUNING, "hyperparameters"), ("evaluation", "metric"),
    ("evaluation", "goal"), ("evaluation", "threshold"), ("evaluation", "tolerance"), ("evaluation", "judge"),
    ("evaluation", "also"),
    ("serving", "content_types"), ("serving", "response_types"), FILES,
)  # fmt: skip


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PLACES), NAMES, SOME), min_size=1, max_size=6))
def test_no_traceback_and_no_echo(changes: list[tuple[tuple[str, ...], str, Any]]) -> None:
    """Values and keys near the right ones, many at once: specs or problems, and no problem twice."""
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder))
        for place, name, value in changes:
            table = _at(root.files[MODEL], place[:-1])
            if isinstance(table, dict):
                target = table.get(place[-1])
                if isinstance(target, dict) and name:
                    target[name] = copy.deepcopy(value)
                else:
                    table[place[-1]] = copy.deepcopy(value)
        try:
            root.load()
        except SpecError as error:
            problems = error.problems
        else:
            return
    found = [(problem.key, problem.message) for problem in problems]
    assert len(set(found)) == len(found)
    assert all(problem.line and problem.allowed and problem.write for problem in problems)
