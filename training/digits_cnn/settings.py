"""The hyperparameters of digits-cnn: what they are called, what they may be, and are when nobody says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.common.hyperparameters import Choice, Integer, Number, Parameter, parse
from training.common.precision import CHOICES

TABLE: dict[str, Parameter] = {
    "epochs": Number(default=3, low=0.001, high=100),
    "batch_size": Integer(default=128, low=1, high=8192),
    "peak_learning_rate": Number(default=0.01, low=1e-6, high=1),
    "warmup_fraction": Number(default=0.25, low=0, high=1),
    "beta_2": Number(default=0.98, low=0.5, high=0.99999),
    "dropout": Number(default=0.3, low=0, high=0.95),
    "seed": Integer(default=0, low=0, high=2**31 - 1),
    "precision": Choice(default="auto", words=CHOICES),
    "checkpoint_seconds": Number(default=15, low=0, high=3600),
}


@dataclass(frozen=True)
class Settings:
    """One value for each row of TABLE: `warmup_fraction` is the share of steps before the peak."""

    epochs: float
    batch_size: int
    peak_learning_rate: float
    warmup_fraction: float
    beta_2: float
    dropout: float
    seed: int
    precision: str
    checkpoint_seconds: float

    @classmethod
    def parse(cls, received: Mapping[str, str]) -> Settings:
        """The settings of a job. Raises JobError with every fault."""
        return cls(**parse(TABLE, received))

    def total_steps(self, steps_per_epoch: int) -> int:
        """How many optimizer steps the epochs are, at least one."""
        return max(1, round(self.epochs * steps_per_epoch))

    def identity(self) -> dict[str, Any]:
        """What two runs must share for one to go on where the other stopped: everything but speed and safety."""
        return {name: value for name, value in asdict(self).items() if name not in ("precision", "checkpoint_seconds")}
