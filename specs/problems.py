"""A problem in a declaration, and the error that reports all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to correct: its place, the reason, the allowed values, and the cure.

    `file` is relative to the loaded root. `key` is dotted, with indices from 0 (`training.candidates[1].purchase`), and
    empty for the file as a whole. `line` and `column` count from 1, and are None where none can be named.
    """

    file: str
    key: str = ""
    line: int | None = None
    column: int | None = None
    message: str
    received: str = ""
    allowed: str
    write: str

    def __str__(self) -> str:
        location = self.file if self.line is None else f"{self.file}, line {self.line}"
        location += f", column {self.column}" if self.column else ""
        heading = f"{location}: {self.key}" if self.key else location
        parts = (("received", self.received), ("allowed", self.allowed), ("write", self.write))
        return "\n".join([heading, f"  {self.message}", *(_labelled(label, text) for label, text in parts if text)])


class SpecError(Exception):
    """When a file of models/ or environments/ is refused.

    Its text reports every problem of every file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=_position))
        super().__init__(self.problems)

    def __str__(self) -> str:
        files = len({problem.file for problem in self.problems})
        heading = f"{_counted(len(self.problems), 'problem')} in {_counted(files, 'file')}"
        return "\n\n".join([heading, *map(str, self.problems)])


def _labelled(label: str, text: str) -> str:
    """A label and its text; further lines are indented below the first."""
    return f"  {label + ':':<10}" + text.replace("\n", "\n" + " " * 12)


def _position(problem: Problem) -> tuple[str, int, int, str]:
    return problem.file, problem.line or 0, problem.column or 0, problem.key


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
