"""Hyperparameters against a model's table: every fault is found, named and answered with what to write."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from training.common.errors import JobError

ADDED_BY_SAGEMAKER = frozenset(
    {"_tuning_objective_metric", "sagemaker_program", "sagemaker_submit_directory", "model_dir"}
)
"""What a tuning job puts beside our own names: its objective, and what the image's script mode needs to start us.

Source: AWS, "Perform Automatic Model Tuning with SageMaker AI"; sagemaker-training-toolkit, "params.py".
"""


class Parameter(Protocol):
    """What a row of the table must be able to do."""

    @property
    def default(self) -> Any: ...

    @property
    def allowed(self) -> str:
        """What a person may write, in words: "a whole number from 1 to 10"."""

    def read(self, text: str) -> Any:
        """The value of a text. Raises ValueError when it is not allowed."""


@dataclass(frozen=True)
class Integer:
    """A whole number, both bounds included."""

    default: int
    low: int
    high: int

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def read(self, text: str) -> int:
        value = int(text)
        if not self.low <= value <= self.high:
            raise ValueError(text)
        return value


@dataclass(frozen=True)
class Number:
    """A finite number, both bounds included."""

    default: float
    low: float
    high: float

    @property
    def allowed(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def read(self, text: str) -> float:
        value = float(text)
        if not (math.isfinite(value) and self.low <= value <= self.high):
            raise ValueError(text)
        return value


@dataclass(frozen=True)
class Choice:
    """One of several words."""

    default: str
    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.words)}"

    def read(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(text)
        return text


def parse(table: Mapping[str, Parameter], received: Mapping[str, str]) -> dict[str, Any]:
    """A value for every row of the table. Raises JobError that names every fault of what was received."""
    strangers = sorted(set(received) - set(table) - ADDED_BY_SAGEMAKER)
    faults = [_unknown(name, table) for name in strangers]
    values = {name: row.default for name, row in table.items()}
    for name in sorted(set(received) & set(table)):
        try:
            values[name] = table[name].read(str(received[name]).strip())
        except ValueError:
            faults.append(f"{name} is {received[name]!r}, and must be {table[name].allowed}")
    if faults:
        raise JobError(f"The hyperparameters cannot be used: {'; '.join(faults)}.")
    return values


def _unknown(name: str, table: Mapping[str, Parameter]) -> str:
    near = difflib.get_close_matches(name, table, n=1)
    cure = f"did you mean {near[0]}?" if near else f"the known ones are {', '.join(sorted(table))}"
    return f"there is no hyperparameter {name} ({cure})"
