"""Steps of a workflow: they know their start and their exits, and are chained in running order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol, cast

from aws_cdk import aws_stepfunctions as sfn


class Exit(Protocol):
    """A way out of a step: a state, or an open branch of a Choice."""

    def next(self, next: sfn.IChainable, /) -> object:
        """Go on there."""


class Step(Protocol):
    """One state or several: entered at `start`, left through `exits`. Without exits the execution ends in it."""

    @property
    def start(self) -> sfn.State: ...

    @property
    def exits(self) -> Sequence[Exit]: ...


class OneState:
    """A state that is a step by itself."""

    @property
    def start(self) -> sfn.State:
        return cast(sfn.State, self)

    @property
    def exits(self) -> Sequence[Exit]:
        return [cast(Exit, self)]


def chain(steps: Iterable[Step]) -> None:
    """Lead the exits of each step to the start of the one behind it."""
    for before, after in pairwise(steps):
        if not before.exits:
            raise ValueError(f"the execution ends in {before.start.state_id!r}: {after.start.state_id!r} is never run")
        for each in before.exits:
            each.next(after.start)
