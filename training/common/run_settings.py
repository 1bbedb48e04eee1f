"""The hyperparameters that several models share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

from training.common.hyperparameters import integer, number, parse, table


@dataclass(frozen=True)
class RunSettings:
    """The hyperparameters of any run, each with its range; models/*.toml has their values. A model adds its own."""

    without_effect: ClassVar[frozenset[str]] = frozenset({"checkpoint_seconds"})
    """Values that a resumed run may change, because they affect speed and safety but not the result."""

    epochs: float = number(0.001, 100)
    batch_size: int = integer(1, 8192)
    seed: int = integer(0, 2**31 - 1)
    checkpoint_seconds: float = number(0, 3600)

    @classmethod
    def parse(cls, received: Mapping[str, str]) -> Self:
        """The settings of a job. Raises JobError with all errors."""
        return cls(**parse(table(cls), received))

    def total_steps(self, steps_per_epoch: int) -> int:
        """The number of steps in all epochs, at least one."""
        return max(1, round(self.epochs * steps_per_epoch))

    def identity(self) -> dict[str, Any]:
        """The values that must be equal for one run to resume another."""
        return {name: value for name, value in asdict(self).items() if name not in self.without_effect}


@dataclass(frozen=True)
class OneCycleSettings(RunSettings):
    """The hyperparameters of a network with dropout, trained under the one-cycle schedule."""

    peak_learning_rate: float = number(1e-6, 1)
    warmup_fraction: float = number(0, 1)  # the share of steps before the peak
    beta_2: float = number(0.5, 0.99999)  # Adam's decay of the second moment
    dropout: float = number(0, 0.95)
