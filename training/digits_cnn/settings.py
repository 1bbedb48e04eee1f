"""The hyperparameters of digits-cnn: what they are called, what they may be, and are when nobody says."""

from __future__ import annotations

from dataclasses import dataclass

from training.common.hyperparameters import Choice, Integer, Number, Parameter
from training.common.precision import CHOICES
from training.common.run_settings import RunSettings

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
class Settings(RunSettings):
    """One value for each row of TABLE: `warmup_fraction` is the share of steps before the peak."""

    table = TABLE
    without_effect = RunSettings.without_effect | {"precision"}

    peak_learning_rate: float
    warmup_fraction: float
    beta_2: float
    dropout: float
    precision: str
