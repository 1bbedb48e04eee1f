"""The hyperparameters of digits-cnn: names, types and ranges."""

from __future__ import annotations

from dataclasses import dataclass

from training.common.hyperparameters import choice
from training.common.precision import CHOICES
from training.common.run_settings import OneCycleSettings


@dataclass(frozen=True)
class Settings(OneCycleSettings):
    """The values of one job, from models/digits-cnn.toml."""

    without_effect = OneCycleSettings.without_effect | {"precision"}

    precision: str = choice(*CHOICES)
