"""The hyperparameters of reviews-lstm: what they are called, what they may be, and are when nobody says; its data."""

from __future__ import annotations

from dataclasses import dataclass

from training.common.errors import JobError
from training.common.hyperparameters import Integer, Number, Parameter
from training.common.run_settings import RunSettings
from training.common.schema import Feature, Schema

CLASSES = ("negative", "positive")
"""By their labels, 0 and 1."""
SCHEMA: Schema = {
    "text": Feature("bytes", "a review, UTF-8"),
    "label": Feature("int64", "0: negative, 1: positive"),
    "rating": Feature(
        "float32", "how positive people found it, from -4 to 4 (for IMDB a line through its 1 to 10 stars)"
    ),
}
TABLE: dict[str, Parameter] = {
    "epochs": Number(default=5, low=0.001, high=100),
    "batch_size": Integer(default=64, low=1, high=8192),
    "peak_learning_rate": Number(default=0.003, low=1e-6, high=1),
    "warmup_fraction": Number(default=0.2, low=0, high=1),
    "beta_2": Number(default=0.98, low=0.5, high=0.99999),
    "vocabulary_size": Integer(default=30_000, low=10, high=200_000),
    "rarest": Integer(default=2, low=1, high=1000),
    "longest": Integer(default=200, low=4, high=2000),
    "embedding": Integer(default=64, low=4, high=1024),
    "units": Integer(default=64, low=4, high=1024),
    "directions": Integer(default=2, low=1, high=2),
    "word_dropout": Number(default=0.3, low=0, high=0.95),
    "embedding_dropout": Number(default=0.5, low=0, high=0.95),
    "dropout": Number(default=0.5, low=0, high=0.95),
    "sharpness": Number(default=1, low=0, high=100),
    "seed": Integer(default=0, low=0, high=2**31 - 1),
    "checkpoint_seconds": Number(default=15, low=0, high=3600),
}


@dataclass(frozen=True)
class Settings(RunSettings):
    """One value for each row of TABLE.

    The vocabulary holds the `vocabulary_size` commonest words and beginnings that occur `rarest` times or more; a
    review is read up to its `longest` words. `embedding` and `units` are the sizes of a word's vector and of the
    LSTM's state, which there is for each of the `directions` (1: forwards, 2: backwards too). `word_dropout` leaves
    out whole words, `embedding_dropout` features of all words, `dropout` what the LSTM found. The target is
    sigmoid(`sharpness` * rating), or the label where that is 0.
    """

    table = TABLE

    peak_learning_rate: float
    warmup_fraction: float
    beta_2: float
    vocabulary_size: int
    rarest: int
    longest: int
    embedding: int
    units: int
    directions: int
    word_dropout: float
    embedding_dropout: float
    dropout: float
    sharpness: float


def require_utf8(content: bytes, place: str) -> str:
    """The text of bytes. Raises JobError that says where they are no UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise JobError(
            f"{place} is not UTF-8: the byte {content[error.start]:#04x} at position {error.start} belongs to no "
            "character. Save the file as UTF-8."
        ) from None
