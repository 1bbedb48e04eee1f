"""A fault in what somebody declared, and the report of all of them that a person reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing to correct: where it is, why it is refused, what is allowed, what to write instead.

    `file` is relative to the root that was loaded; `key` is dotted, with indices from 0, as in
    `training.candidates[1].purchase`, and empty for a fault of the file as a whole; `line`
    counts from 1 and is None where no line can be named.
    """

    file: str
    key: str
    line: int | None
    problem: str
    received: str
    allowed: str
    write: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        heading = f"{place}: {self.key}" if self.key else place
        parts = (("received", self.received), ("allowed", self.allowed), ("write", self.write))
        return "\n".join([heading, f"  {self.problem}", *(_labelled(label, text) for label, text in parts if text)])


class SpecFaults(Exception):
    """When at least one file of models/ or environments/ cannot be accepted. `str()` is the report for a person."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults, key=_position))
        super().__init__(self.faults)

    def __str__(self) -> str:
        files = len({fault.file for fault in self.faults})
        heading = f"{_counted(len(self.faults), 'fault')} in {_counted(files, 'file')}"
        return "\n\n".join([heading, *map(str, self.faults)])


def _labelled(label: str, text: str) -> str:
    """A label and its text, whose further lines are indented below the first."""
    return f"  {label + ':':<10}" + text.replace("\n", "\n" + " " * 12)


def _position(fault: Fault) -> tuple[str, int, str]:
    return fault.file, fault.line or 0, fault.key


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
