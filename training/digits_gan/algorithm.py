"""The declaration of the code of digits-gan: its data, hyperparameters and metrics."""

from __future__ import annotations

from dataclasses import dataclass

from training.common.algorithm import LOSS, RATE, SHARE, Algorithm, Metric
from training.common.hyperparameters import integer, number
from training.common.mnist import MNIST
from training.common.run_settings import RunSettings

DATA = MNIST
LATENT = 64
"""The length of the vector that an image is drawn from."""
MOST_IMAGES = 256
"""The number of images that the served model draws at most in one answer."""


@dataclass(frozen=True)
class Settings(RunSettings):
    """The values of one job, from models/digits-gan.toml."""

    epochs: float = number(0.001, 500)
    batch_size: int = integer(2, 8192)  # batch normalization needs two
    generator_learning_rate: float = number(1e-6, 0.1)
    discriminator_learning_rate: float = number(1e-6, 0.1)
    beta_1: float = number(0, 0.99)  # Adam's decay of the first moment
    label_smoothing: float = number(0, 0.4)  # a real image's target is 1 minus this
    averaging: float = number(0, 0.9999)  # decay of the mean of the generator's weights, which is what is served


ALGORITHM = Algorithm(
    hyperparameters=Settings,
    files=(DATA.files,),
    training_metrics={
        "train:discriminator_loss": Metric(low=0),  # the two networks play against each other: neither is better low
        "train:generator_loss": Metric(low=0),
        "train:examples_per_second": RATE,
        "validation:pixel_frechet": LOSS,
    },
    evaluation_metrics={
        "frechet_distance": LOSS,
        "frechet_floor": Metric(low=0),
        "class_balance": SHARE,
        "recognised": SHARE,
    },
    needs_judge=True,
)
