"""The declaration of the code of digits-cnn: its data, hyperparameters and metrics."""

from __future__ import annotations

from dataclasses import dataclass

from training.common.algorithm import CLASSIFICATION, ERROR, LOSS, RATE, SHARE, Algorithm
from training.common.hyperparameters import choice, integer, number
from training.common.mnist import MNIST
from training.common.precision import CHOICES
from training.common.run_settings import OneCycleSettings

DATA = MNIST


@dataclass(frozen=True)
class Settings(OneCycleSettings):
    """The values of one job, from models/digits-cnn.toml."""

    without_effect = OneCycleSettings.without_effect | {"precision"}

    precision: str = choice(*CHOICES)
    shift: int = integer(0, 4)  # the most pixels by which training images are moved
    label_smoothing: float = number(0, 0.5)  # the share of each target that all classes have alike


ALGORITHM = Algorithm(
    hyperparameters=Settings,
    files=(DATA.files,),
    training_metrics={
        "train:loss": LOSS,
        "train:learning_rate": RATE,
        "train:examples_per_second": RATE,
        "validation:loss": LOSS,
        "validation:accuracy": SHARE,
    },
    evaluation_metrics={
        **CLASSIFICATION,
        "calibration_error": ERROR,
    },
)
