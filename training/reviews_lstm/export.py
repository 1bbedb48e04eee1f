"""The trained network as a SavedModel for plain text, with vocabulary and vectoriser inside."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from training.common.errors import JobError
from training.reviews_lstm.algorithm import CLASSES
from training.reviews_lstm.model import Network
from training.reviews_lstm.words import Vectoriser


class Served(tf.Module):
    """Vectoriser, network and signature. Only operations of TensorFlow Serving 2.20 are used."""

    def __init__(self, network: Network, vectoriser: Vectoriser) -> None:
        """Raise JobError for another vocabulary than the network was trained with."""
        super().__init__()
        if vectoriser.rows != network.shape.words:
            raise JobError(
                f"The network has vectors for {network.shape.words} entries, and the vocabulary has "
                f"{vectoriser.rows}: it is that of another run. Export a network with the vocabulary of its own run."
            )
        self._network, self._vectoriser = network, vectoriser
        self.weights = [variable.value for variable in network.variables]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "texts")])
    def classify(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classify reviews, UTF-8, string [n]: class string [n], its probability float32 [n]."""
        positive = tf.sigmoid(self._network(self._vectoriser(texts)))
        return {
            "class": tf.where(positive > 0.5, CLASSES[1], CLASSES[0]),
            "probability": tf.maximum(positive, 1 - positive),
        }


def export(network: Network, vectoriser: Vectoriser, folder: Path) -> None:
    """Write the SavedModel into a folder named by a number, the serving container's version."""
    served = Served(network, vectoriser)
    tf.saved_model.save(served, str(folder), {"serving_default": served.classify})
