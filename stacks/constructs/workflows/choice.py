"""A Choice: its branches in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.workflows.jsonata import Jsonata, field


class Branch:
    """One way out of a Choice, under a condition. Without a target it is open: an exit of the step."""

    def __init__(
        self, condition: Jsonata, target: sfn.IChainable | None = None, *, assign: Mapping[str, Any] | None = None
    ) -> None:
        self.target = target
        self.choice: Choice | None = None
        self._condition, self._assign = condition, assign

    def next(self, target: sfn.IChainable, /) -> None:
        """Go to this target."""
        self.target = target
        if self.choice:
            self.choice.add_branches()

    def add_to(self, choice: sfn.Choice, target: sfn.IChainable) -> None:
        condition = sfn.Condition.jsonata(self._condition.wrapped)
        choice.when(condition, target, assign=field(self._assign))


class Otherwise(Branch):
    """The way out of a Choice if no condition holds."""

    def __init__(self, target: sfn.IChainable | None = None) -> None:
        super().__init__(Jsonata("true"), target)

    def add_to(self, choice: sfn.Choice, target: sfn.IChainable) -> None:
        choice.otherwise(target)


class Choice(sfn.Choice):
    """Takes the first branch that holds; the last one is `Otherwise`.

    The CDK tries branches in the order in which they were added. So they are added together, once none is open.
    """

    def __init__(self, scope: Construct, id_: str, *branches: Branch) -> None:
        super().__init__(scope, id_)
        if not branches or not isinstance(branches[-1], Otherwise):
            raise ValueError(f"the choice {id_!r} has no Otherwise as its last branch: without one it can fail")
        self._tried_in_order = branches
        for branch in branches:
            branch.choice = self
        self.add_branches()

    @property
    def start(self) -> sfn.State:
        return self

    @property
    def exits(self) -> list[Branch]:
        """The open branches."""
        return [branch for branch in self._tried_in_order if branch.target is None]

    def add_branches(self) -> None:
        """Add the branches to the state, unless one is still open."""
        targets = [branch.target for branch in self._tried_in_order if branch.target]
        if len(targets) == len(self._tried_in_order):
            for branch, target in zip(self._tried_in_order, targets, strict=True):
                branch.add_to(self, target)
