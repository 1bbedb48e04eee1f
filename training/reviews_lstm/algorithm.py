"""The declaration of the code of reviews-lstm: its data, hyperparameters and metrics."""

from __future__ import annotations

from dataclasses import dataclass

from training.common.algorithm import CLASSIFICATION, ERROR, LOSS, RATE, SHARE, Algorithm, Metric
from training.common.errors import JobError
from training.common.hyperparameters import integer, number
from training.common.run_settings import OneCycleSettings
from training.common.schema import Feature, Schema

SNIPPETS = "movieReviewSnippets_GroundTruth.txt"
IMDB = "aclImdb_v1.tar.gz"
"""The files of the two data sets that prepare knows."""
CLASSES = ("negative", "positive")
"""By their labels, 0 and 1."""
SCHEMA: Schema = {
    "text": Feature("bytes", "a review, UTF-8"),
    "label": Feature("int64", "0: negative, 1: positive"),
    "rating": Feature(
        "float32", "how positive people found it, from -4 to 4 (for IMDB a line through its 1 to 10 stars)"
    ),
}


@dataclass(frozen=True)
class Settings(OneCycleSettings):
    """The values of one job, from models/reviews-lstm.toml."""

    vocabulary_size: int = integer(10, 200_000)  # the commonest words and beginnings of words, and as many pairs
    rarest: int = integer(1, 1000)  # that occur at least so often
    longest: int = integer(4, 2000)  # words of a review that are read
    members: int = integer(1, 16)  # networks with averaged probabilities; the sizes below are those of each
    embedding: int = integer(4, 1024)  # the size of a word's vector
    channels: int = integer(4, 1024)  # the size of a frame of words
    units: int = integer(4, 1024)  # the size of the LSTM's state, in each direction
    directions: int = integer(1, 2)  # 1: forwards; 2: backwards, too
    embedding_dropout: float = number(0, 0.95)  # the share of features that are left out of all words
    sharpness: float = number(0, 100)  # the target is sigmoid(sharpness * rating), or with 0 the label


ALGORITHM = Algorithm(
    hyperparameters=Settings,
    files=((SNIPPETS,), (IMDB,)),
    training_metrics={
        "train:loss": LOSS,
        "train:examples_per_second": RATE,
        "validation:loss": LOSS,
        "validation:accuracy": SHARE,
    },
    evaluation_metrics={
        **CLASSIFICATION,
        "auc": SHARE,
        "calibration_error": ERROR,
        "baseline_accuracy": Metric(low=0, high=1),
        "baseline_auc": Metric(low=0, high=1),
        "baseline_calibration_error": Metric(low=0, high=1),
        "baseline_with_polarities_accuracy": Metric(low=0, high=1),
    },
)


def require_utf8(content: bytes, place: str) -> str:
    """The text of bytes. Raises JobError that says where they are no UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise JobError(
            f"{place} is not UTF-8: the byte {content[error.start]:#04x} at position {error.start} belongs to no "
            "character. Save the file as UTF-8."
        ) from None
