"""One training run of reviews-lstm: vocabulary, polarities, network, optimizer, data and checkpoints."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from training.common.distribution import distribute
from training.common.feed import require_a_batch
from training.common.schedule import OneCycle
from training.common.shard_reader import read_columns
from training.common.training_job import Job
from training.common.training_loop import TrainingLoop
from training.common.validation import Judged, Validation
from training.reviews_lstm.algorithm import Settings
from training.reviews_lstm.export import Served, export
from training.reviews_lstm.feed import ReviewFeed, Reviews
from training.reviews_lstm.fitting import ReviewFitting
from training.reviews_lstm.model import POLARITIES, Network, Shape, agreed
from training.reviews_lstm.polarity import ALL, Counts, folds_of
from training.reviews_lstm.words import FIRST_WORD, PADDING, Vectoriser, Vocabulary

AT_ONCE = 500


class ReviewsRun:
    """See training_job.Run."""

    def __init__(self, job: Job) -> None:
        settings = job.settings
        distribution = distribute(job.cluster, settings.batch_size)
        require_a_batch(job.manifests["train"], settings.batch_size)
        splits = {split: read_columns(job.folders[split], manifest) for split, manifest in job.manifests.items()}
        texts, labels = splits["train"]["text"].tolist(), splits["validation"]["label"]
        vocabulary = Vocabulary.commonest(texts, settings.vocabulary_size, settings.rarest, settings.longest)
        words, pairs = len(vocabulary.words), len(vocabulary.pairs)
        print(f"{words} words and beginnings, {pairs} pairs, {vocabulary.fingerprint[:12]}", flush=True)
        self._vectoriser = Vectoriser(vocabulary, settings.longest)
        numbers = {split: vectorise(self._vectoriser, columns["text"]) for split, columns in splits.items()}
        targets = soft_targets(splits["train"], settings.sharpness)
        folds = folds_of([text.decode() for text in texts])
        counts = counted(numbers["train"], vocabulary, targets, folds)
        tables = counts.polarities()
        self._polarities = tables[ALL]
        reviews = Reviews(numbers["train"], tables[folds[:, None, None], numbers["train"]], targets)
        feed = ReviewFeed(reviews, settings.batch_size, settings.seed, distribution.share)
        with distribution.strategy.scope():
            self.network = Network(_shape(settings, vocabulary), settings.seed)
            optimizer = _optimizer(settings, settings.total_steps(feed.steps_per_epoch))
            optimizer.build(self.network.trainable_variables)
        fitting = ReviewFitting(self.network, optimizer, settings, distribution)
        self._validation = Validation(ReviewLogits(self.network, numbers["validation"], self._polarities, labels))
        tables_of_the_run = {"vocabulary": vocabulary.fingerprint, "polarities": counts.fingerprint}
        self.loop = TrainingLoop.of(job, fitting, feed, self._validation, distribution, more_identity=tables_of_the_run)

    def train(self) -> bool:
        return self.loop.run()

    def export(self, folder: Path) -> None:
        """Write the SavedModel, with a copy of the network: a strategy's network cannot be exported."""
        factor = self._validation.factor()
        print(factor.said, flush=True)
        served = Network(self.network.shape, 0)
        served.set_weights(self.network.get_weights())
        export(Served(served, self._vectoriser, self._polarities, factor), folder)


class ReviewLogits:
    """The validation reviews, and the network."""

    def __init__(self, network: Network, numbers: np.ndarray, polarities: np.ndarray, labels: np.ndarray) -> None:
        self._numbers, self._table, self._labels = numbers, tf.constant(polarities), labels
        self._agreed = tf.function(
            lambda part: agreed(network(part, tf.gather(self._table, part))),
            input_signature=[tf.TensorSpec([None, None, POLARITIES], tf.int32)],
        )

    def __call__(self) -> Judged:
        """See Judged: of "negative" always 0, of "positive" the network's."""
        parts = [self._numbers[start : start + AT_ONCE] for start in range(0, len(self._labels), AT_ONCE)]
        logits = np.concatenate([self._agreed(tf.constant(part)).numpy() for part in parts])
        return np.stack([np.zeros_like(logits), logits], 1), self._labels


def vectorise(vectoriser: Vectoriser, texts: np.ndarray) -> np.ndarray:
    """All texts, bytes [n], as numbers int32 [n, words, 3]."""
    parts = [vectoriser(tf.constant(texts[start : start + AT_ONCE])).numpy() for start in range(0, len(texts), AT_ONCE)]
    longest = max(part.shape[1] for part in parts)
    padding = [((0, 0), (0, longest - part.shape[1]), (0, 0)) for part in parts]
    return np.concatenate(
        [np.pad(part, wide, constant_values=PADDING) for part, wide in zip(parts, padding, strict=True)]
    )


def counted(numbers: np.ndarray, vocabulary: Vocabulary, targets: np.ndarray, folds: np.ndarray) -> Counts:
    """Count the known entries of reviews, int32 [n, words, 3]."""
    holders = np.broadcast_to(np.arange(len(numbers))[:, None, None], numbers.shape)
    known = numbers >= FIRST_WORD
    return Counts.of(holders[known], numbers[known], vocabulary.entries, targets, folds)


def soft_targets(columns: dict[str, np.ndarray], sharpness: float) -> np.ndarray:
    """Targets float32 [n] from 0 to 1, further from 0.5 for more decided ratings."""
    if not sharpness:
        return columns["label"].astype(np.float32)
    return (1 / (1 + np.exp(-sharpness * columns["rating"]))).astype(np.float32)


def _shape(settings: Settings, vocabulary: Vocabulary) -> Shape:
    return Shape(
        vocabulary.rows, settings.embedding, settings.channels, settings.units, settings.directions, settings.members
    )


def _optimizer(settings: Settings, total_steps: int) -> keras.optimizers.Optimizer:
    schedule = OneCycle(settings.peak_learning_rate, total_steps, settings.warmup_fraction)
    return keras.optimizers.Adam(schedule, beta_2=settings.beta_2)
