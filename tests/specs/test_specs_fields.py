"""Every field refuses something, every required key is missed, and every table knows its keys."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import pytest
from declared import ABSENT, Root
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from refused_inputs import ENVIRONMENT, MODEL

from specs import EnvironmentSpec, ModelSpec
from specs.words import dotted

MODEL_FILE, ENVIRONMENT_FILE = "models/digits-cnn.toml", "environments/dev.toml"
SHAPES: tuple[tuple[str, type[BaseModel], Any], ...] = (
    (MODEL_FILE, ModelSpec, MODEL),
    (ENVIRONMENT_FILE, EnvironmentSpec, ENVIRONMENT),
)
ROWS = [(file, *row) for file, _, rows in SHAPES for row in rows]
Key = tuple[str | int, ...]
FREE_KEYS: dict[str | int, Key] = {"ranges": ("dropout",), "environment": ("dev",)}
"""One key of each table with free keys and tables as values."""


def fields(shape: type[BaseModel], above: Key = ()) -> Iterator[tuple[Key, FieldInfo]]:
    """Every field of a shape and of its tables.

    Of a list of tables the first is used, of a table of tables with free keys the one in FREE_KEYS.
    """
    for name, field in shape.model_fields.items():
        key = (*above, name)
        yield key, field
        for table, inner in tables(field.annotation, key):
            yield from fields(table, inner)


def tables(annotation: Any, key: Key) -> Iterator[tuple[type[BaseModel], Key]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, key
    free = FREE_KEYS.get(key[-1], ()) if typing.get_origin(annotation) is dict else ()
    inner = (*key, 0) if typing.get_origin(annotation) is tuple else (*key, *free)
    for argument in typing.get_args(annotation):
        yield from tables(argument, inner)


EVERY_FIELD = [(file, key, field) for file, shape, _ in SHAPES for key, field in fields(shape)]
REQUIRED = [(file, key) for file, key, field in EVERY_FIELD if field.is_required()]
TABLES = [(file, key[:-1]) for file, key, _ in EVERY_FIELD]


@pytest.fixture
def root(root: Root) -> Root:
    """The declarations, with a further limit of the gate, which digits-cnn has not."""
    return root.put(MODEL_FILE, ("evaluation", "also"), [{"metric": "f1", "threshold": 0.9}])


@pytest.mark.parametrize(
    ("file", "key", "value", "message"), ROWS, ids=[f"{dotted(r[1])}-{n}" for n, r in enumerate(ROWS)]
)
def test_refused(root: Root, file: str, key: Key, value: Any, message: str) -> None:
    found = [problem for problem in root.put(file, key, value).problems() if problem.file == file]
    matching = [problem for problem in found if problem.key.startswith(dotted(key)) and message in problem.message]
    assert len(matching) == 1, found
    assert matching[0].line
    assert matching[0].received
    assert matching[0].allowed
    assert matching[0].write


def test_the_table_of_refused_inputs_has_every_field() -> None:
    tried = {(file, *(part for part in key)) for file, key, _, _ in ROWS}
    # A row for an item of a list tries the list's type of items; the list itself has rows of its own.
    assert [(file, dotted(key)) for file, key, _ in EVERY_FIELD if (file, *key) not in tried] == []
    assert len(EVERY_FIELD) > 40


@pytest.mark.parametrize(("file", "key"), REQUIRED, ids=[dotted(key) for _, key in REQUIRED])
def test_missing(root: Root, file: str, key: Key) -> None:
    problems = root.put(file, key, ABSENT).problems()
    assert [(problem.file, problem.key, problem.received) for problem in problems] == [(file, dotted(key), "nothing")]
    assert str(key[-1]) in problems[0].write


@pytest.mark.parametrize(("file", "table"), sorted(set(TABLES), key=str), ids=str)
def test_unknown_key(root: Root, file: str, table: Key) -> None:
    problems = root.put(file, (*table, "zzz"), 1).problems()
    assert [(problem.key, problem.message) for problem in problems] == [
        (dotted((*table, "zzz")), "there is no such key")
    ]
    assert problems[0].write == "nothing: remove zzz"


def test_misspelt_key_is_one_problem_with_the_nearest_key(root: Root) -> None:
    root.put(MODEL_FILE, ("evaluation", "threshold"), ABSENT).put(MODEL_FILE, ("evaluation", "treshold"), 0.99)
    (problem,) = root.problems()
    assert (problem.key, problem.write) == ("evaluation.treshold", "threshold = …")


def test_repeated_key_says_that_the_right_one_is_there(root: Root) -> None:
    (problem,) = root.put(MODEL_FILE, ("evaluation", "treshold"), 0.99).problems()
    assert problem.write == "nothing: threshold is there already"


@pytest.mark.parametrize(
    ("file", "key", "value", "write"),
    [
        (ENVIRONMENT_FILE, ("account",), 123456789012, '"123456789012"'),
        (ENVIRONMENT_FILE, ("region",), "eu-wets-1", '"eu-west-1"'),
        (ENVIRONMENT_FILE, ("network", "cidr"), "10.20.7.0/24", '"10.20.0.0/20"'),
        (ENVIRONMENT_FILE, ("retention", "log_days"), 360, "365"),
        (ENVIRONMENT_FILE, ("training", "candidates", 0, "purchase"), "ondemand", '"on-demand"'),
        (ENVIRONMENT_FILE, ("serving", "canary", "percent"), 80, "50"),
        (MODEL_FILE, ("evaluation", "goal"), "maximise", '"maximize"'),
        (MODEL_FILE, ("training", "volume_size_gb"), 0, "1"),
    ],
)
def test_what_to_write(root: Root, file: str, key: Key, value: Any, write: str) -> None:
    problems = {problem.key: problem.write for problem in root.put(file, key, value).problems()}
    assert problems[dotted(key)] == write
