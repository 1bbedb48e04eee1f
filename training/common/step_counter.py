"""The counter of training steps in a layer that draws random numbers."""

from __future__ import annotations

import keras


def add_step_counter(layer: keras.layers.Layer) -> keras.Variable:
    """Add a variable int64 [], of which all replicas hold one value.

    Checkpoints of the model's variables include it.
    """
    return layer.add_weight(
        shape=(),
        dtype="int64",
        initializer="zeros",
        trainable=False,
        name="steps",
        aggregation="only_first_replica",
    )
