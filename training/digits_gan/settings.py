"""The hyperparameters of digits-gan: what they are called, what they may be, and are when nobody says."""

from __future__ import annotations

from dataclasses import dataclass

from training.common.hyperparameters import Integer, Number, Parameter
from training.common.run_settings import RunSettings

LATENT = 64
"""How many numbers an image is drawn from."""
MOST_IMAGES = 256
"""How many images the served model draws in one answer."""
TABLE: dict[str, Parameter] = {
    "epochs": Number(default=8, low=0.001, high=500),
    "batch_size": Integer(default=64, low=2, high=8192),
    "generator_learning_rate": Number(default=0.001, low=1e-6, high=0.1),
    "discriminator_learning_rate": Number(default=0.002, low=1e-6, high=0.1),
    "beta_1": Number(default=0.5, low=0, high=0.99),
    "label_smoothing": Number(default=0.1, low=0, high=0.4),
    "averaging": Number(default=0.995, low=0, high=0.9999),
    "seed": Integer(default=0, low=0, high=2**31 - 1),
    "checkpoint_seconds": Number(default=15, low=0, high=3600),
}


@dataclass(frozen=True)
class Settings(RunSettings):
    """One value for each row of TABLE: `averaging` is the decay of the mean of the generator's weights that is served,
    `label_smoothing` what a real image's target is below 1."""

    table = TABLE

    generator_learning_rate: float
    discriminator_learning_rate: float
    beta_1: float
    label_smoothing: float
    averaging: float
