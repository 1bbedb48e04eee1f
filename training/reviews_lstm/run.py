"""One training run of reviews-lstm: vocabulary, network, optimizer, data and checkpoints."""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from training.common.distribution import distribute
from training.common.feed import require_a_batch
from training.common.metrics import emit
from training.common.schedule import OneCycle
from training.common.shard_reader import read_columns
from training.common.training_job import Job
from training.common.training_loop import TrainingLoop
from training.reviews_lstm.algorithm import Settings
from training.reviews_lstm.export import export
from training.reviews_lstm.feed import ReviewFeed
from training.reviews_lstm.fitting import ReviewFitting
from training.reviews_lstm.model import Network, Shape
from training.reviews_lstm.words import PADDING, Vectoriser, commonest, fingerprint

AT_ONCE = 500


class ReviewsRun:
    """See training_job.Run."""

    def __init__(self, job: Job) -> None:
        settings = job.settings
        distribution = distribute(job.cluster, settings.batch_size)
        require_a_batch(job.manifests["train"], settings.batch_size)
        splits = {split: read_columns(job.folders[split], manifest) for split, manifest in job.manifests.items()}
        vocabulary = commonest(splits["train"]["text"].tolist(), settings.vocabulary_size, settings.rarest)
        print(f"vocabulary of {len(vocabulary)} words and beginnings, {fingerprint(vocabulary)[:12]}", flush=True)
        self._vectoriser = _vectoriser(vocabulary, settings.longest)
        numbers = {split: vectorise(self._vectoriser, columns["text"]) for split, columns in splits.items()}
        targets = soft_targets(splits["train"], settings.sharpness)
        feed = ReviewFeed(numbers["train"], targets, settings.batch_size, settings.seed, distribution.share)
        shape = Shape(self._vectoriser.rows, settings.embedding, settings.units, settings.directions)
        with distribution.strategy.scope():
            self.network = Network(shape, settings.seed)
            optimizer = _optimizer(settings, settings.total_steps(feed.steps_per_epoch))
            optimizer.build(self.network.trainable_variables)
        fitting = ReviewFitting(self.network, optimizer, settings, distribution)
        validation = Validation(self.network, numbers["validation"], splits["validation"]["label"])
        words = {"vocabulary": fingerprint(vocabulary)}
        self.loop = TrainingLoop.of(job, fitting, feed, validation, distribution, more_identity=words)

    def train(self) -> bool:
        return self.loop.run()

    def export(self, folder: Path) -> None:
        """Write the SavedModel, with a copy of the network: a strategy's network cannot be exported."""
        served = Network(self.network.shape, 0)
        served.set_weights(self.network.get_weights())
        export(served, self._vectoriser, folder)


class Validation:
    """Accuracy and loss on the labels of the validation reviews."""

    def __init__(self, network: Network, numbers: np.ndarray, labels: np.ndarray) -> None:
        self._numbers, self._labels = numbers, labels
        self._logits = tf.function(network, input_signature=[tf.TensorSpec([None, None, 2], tf.int32)])

    def __call__(self, step: int) -> None:
        """Emit validation:accuracy and validation:loss of the network after this step."""
        parts = [self._numbers[start : start + AT_ONCE] for start in range(0, len(self._labels), AT_ONCE)]
        logits = np.concatenate([self._logits(tf.constant(part)).numpy() for part in parts])
        emit("validation:accuracy", float(((logits > 0) == self._labels).mean()), step)
        emit("validation:loss", float(np.logaddexp(0, np.where(self._labels, -logits, logits)).mean()), step)


def _vectoriser(vocabulary: list[bytes], longest: int) -> Vectoriser:
    with tempfile.NamedTemporaryFile(prefix="vocabulary-", suffix=".txt", delete=False) as file:
        file.write(b"\n".join(vocabulary) + b"\n")
    return Vectoriser(Path(file.name), longest)


def vectorise(vectoriser: Vectoriser, texts: np.ndarray) -> np.ndarray:
    """All texts, bytes [n], as word numbers int32 [n, words, 2]."""
    parts = [vectoriser(tf.constant(texts[start : start + AT_ONCE])).numpy() for start in range(0, len(texts), AT_ONCE)]
    longest = max(part.shape[1] for part in parts)
    padding = [((0, 0), (0, longest - part.shape[1]), (0, 0)) for part in parts]
    return np.concatenate(
        [np.pad(part, wide, constant_values=PADDING) for part, wide in zip(parts, padding, strict=True)]
    )


def soft_targets(columns: dict[str, np.ndarray], sharpness: float) -> np.ndarray:
    """Targets float32 [n] from 0 to 1, further from 0.5 for more decided ratings."""
    if not sharpness:
        return columns["label"].astype(np.float32)
    return (1 / (1 + np.exp(-sharpness * columns["rating"]))).astype(np.float32)


def _optimizer(settings: Settings, total_steps: int) -> keras.optimizers.Optimizer:
    schedule = OneCycle(settings.peak_learning_rate, total_steps, settings.warmup_fraction)
    return keras.optimizers.Adam(schedule, beta_2=settings.beta_2)
