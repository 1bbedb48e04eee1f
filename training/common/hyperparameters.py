"""Rows of a model's table of hyperparameters: type, range, and the sentence that refuses a value.

A job reads its hyperparameters by the table; `cdk synth` and `operations train` refuse by it what the job would refuse.
This module, and every algorithm.py, therefore import the standard library and one another only.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from training.common.errors import JobError

ADDED_BY_SAGEMAKER = frozenset(
    {"_tuning_objective_metric", "sagemaker_program", "sagemaker_submit_directory", "model_dir"}
)
"""Names that a tuning job adds to our own: its objective, and what the image's script mode needs to start us.

Source: AWS, "Perform Automatic Model Tuning with SageMaker AI"; sagemaker-training-toolkit, "params.py".
"""
_ROW = "row"


@runtime_checkable
class Parameter(Protocol):
    """A row of the table."""

    @property
    def allowed(self) -> str:
        """The values that a person may write, in words: "a whole number from 1 to 10"."""

    def read(self, text: str) -> Any:
        """The value of a text. Raises ValueError when it is not allowed."""


@dataclass(frozen=True)
class Bounded:
    """A number of one type, both bounds included; neither bound is infinite."""

    type: type[int] | type[float]
    low: float
    high: float

    @property
    def allowed(self) -> str:
        kind = "a whole number" if self.type is int else "a number"
        return f"{kind} from {self._shown(self.low)} to {self._shown(self.high)}"

    def read(self, text: str) -> float:
        value = self.type(text)
        if not self.low <= value <= self.high:  # so for nan, too
            raise ValueError(text)
        return value

    def _shown(self, bound: float) -> str:
        return str(bound) if self.type is int else f"{bound:g}"


@dataclass(frozen=True)
class Choice:
    """One of several words."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.words)}"

    def read(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(text)
        return text


Table = Mapping[str, Parameter]


def integer(low: int, high: int) -> Any:
    """A field of a model's settings that holds a whole number."""
    return dataclasses.field(metadata={_ROW: Bounded(int, low, high)})


def number(low: float, high: float) -> Any:
    """A field of a model's settings that holds a number."""
    return dataclasses.field(metadata={_ROW: Bounded(float, low, high)})


def choice(*words: str) -> Any:
    """A field of a model's settings that holds one of several words."""
    return dataclasses.field(metadata={_ROW: Choice(words)})


def table(settings: type) -> Table:
    """The rows that a dataclass has for its fields. Raises TypeError for a field without one."""
    fields = dataclasses.fields(settings)
    if bare := [each.name for each in fields if _ROW not in each.metadata]:
        raise TypeError(f"the field {bare[0]} of Settings is no integer(…), number(…) or choice(…)")
    return {each.name: each.metadata[_ROW] for each in fields}


def refusal(rows: Table, name: str, text: str) -> str | None:
    """The sentence that refuses a value, or None where it is allowed."""
    if name not in rows:
        near = difflib.get_close_matches(name, rows, n=1)
        known = f"the known ones are {', '.join(sorted(rows))}" if rows else "the model has none"
        cure = f"did you mean {near[0]}?" if near else known
        return f"there is no hyperparameter {name} ({cure})"
    try:
        rows[name].read(text.strip())
    except ValueError:
        return f"{name} is {text!r}, and must be {rows[name].allowed}"
    return None


def missing(rows: Table, name: str) -> str:
    """The sentence about a hyperparameter without a value."""
    return f"{name} is missing, and must be {rows[name].allowed}"


def parse(rows: Table, received: Mapping[str, str]) -> dict[str, Any]:
    """A value for every row. Raises JobError with all sentences about the received values."""
    own = {name: str(received[name]) for name in sorted(received) if name not in ADDED_BY_SAGEMAKER}
    unknown_first = sorted(own, key=lambda name: name in rows)
    refused = [refusal(rows, name, own[name]) for name in unknown_first]
    sentences = [sentence for sentence in refused if sentence]
    sentences += [missing(rows, name) for name in rows if name not in own]
    if sentences:
        raise JobError(f"The hyperparameters cannot be used: {'; '.join(sentences)}.")
    return {name: row.read(own[name].strip()) for name, row in rows.items()}
