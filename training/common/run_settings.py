"""The hyperparameters that all models share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

from training.common.hyperparameters import Parameter, parse


@dataclass(frozen=True)
class RunSettings:
    """One value for each row of `table`; a model adds fields of its own."""

    table: ClassVar[Mapping[str, Parameter]]
    without_effect: ClassVar[frozenset[str]] = frozenset({"checkpoint_seconds"})
    """Values that a resumed run may change, because they affect speed and safety but not the result."""

    epochs: float
    batch_size: int
    seed: int
    checkpoint_seconds: float

    @classmethod
    def parse(cls, received: Mapping[str, str]) -> Self:
        """The settings of a job. Raises JobError that names every error."""
        return cls(**parse(cls.table, received))

    def total_steps(self, steps_per_epoch: int) -> int:
        """The number of steps in all epochs, at least one."""
        return max(1, round(self.epochs * steps_per_epoch))

    def identity(self) -> dict[str, Any]:
        """The values that must be equal for one run to resume another."""
        return {name: value for name, value in asdict(self).items() if name not in self.without_effect}
