"""The trained network as a SavedModel for plain text, with vocabulary, polarities and vectoriser inside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from training.common.errors import JobError
from training.common.temperature import Factor
from training.reviews_lstm.algorithm import CLASSES
from training.reviews_lstm.model import Network, agreed
from training.reviews_lstm.words import Vectoriser, entries


class Served(tf.Module):
    """Vectoriser, network and signature. Only operations of TensorFlow Serving 2.20 are used.

    Beside the signature, the evaluation job calls `explain`, and reads the sentence `said` on the factor.
    """

    def __init__(self, network: Network, vectoriser: Vectoriser, polarities: np.ndarray, factor: Factor) -> None:
        """Raise JobError for another vocabulary, or polarities of another, than the network was trained with."""
        super().__init__()
        vocabulary = vectoriser.vocabulary
        if vocabulary.rows != network.shape.words:
            raise JobError(
                f"The network has vectors for {network.shape.words} entries, and the vocabulary has {vocabulary.rows}: "
                "it is that of another run. Export a network with the vocabulary of its own run."
            )
        if polarities.shape != (vocabulary.entries,):
            raise JobError(
                f"There are {len(polarities)} polarities, and the vocabulary has {vocabulary.entries} entries: they "
                "are those of another run. Export a network with the polarities of its own run."
            )
        self._network, self._vectoriser = network, vectoriser
        self._polarities = tf.Variable(polarities, trainable=False, dtype=tf.float32)
        self._factor, self.said = tf.constant(factor.value, tf.float32), tf.Variable(factor.said)
        self.weights = [variable.value for variable in network.variables]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "texts")])
    def classify(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classify reviews, UTF-8, string [n]: class string [n], its probability float32 [n]."""
        numbers = self._vectoriser(texts)
        logits = self._network(numbers, tf.gather(self._polarities, numbers))
        positive = tf.sigmoid(self._factor * agreed(logits))
        return {
            "class": tf.where(positive > 0.5, CLASSES[1], CLASSES[0]),
            "probability": tf.maximum(positive, 1 - positive),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "texts")])
    def explain(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """The words that are read of each text, string [n, words], and their polarities float32 [n, words, 3]."""
        numbers = self._vectoriser(texts)
        words = entries(texts, self._vectoriser.longest)[..., 0]
        return {"words": words, "polarities": tf.gather(self._polarities, numbers)}


def export(served: Served, folder: Path) -> None:
    """Write the SavedModel into a folder named by a number, the serving container's version."""
    tf.saved_model.save(served, str(folder), {"serving_default": served.classify})
