"""The reference network in Keras, with the standardisation of its inputs inside."""

from __future__ import annotations

import keras

from training.common.mnist import CLASSES, SHAPE


def build(mean: float, deviation: float, dropout: float, policy: str, seed: int) -> keras.Model:
    """A network from images uint8 [n, 28, 28] to logits float32 [n, 10].

    `mean` and `deviation` are those of the training pixels, 0 to 255; `policy` is a Keras dtype policy. The softmax is
    left to the loss and to the exported signatures, where it is computed in float32.
    """
    layers = keras.layers
    initial = [keras.initializers.GlorotUniform(seed=seed + number) for number in range(4)]
    images = keras.Input(SHAPE, dtype="uint8", name="images")
    x = layers.Reshape((*SHAPE, 1), dtype="uint8")(images)
    x = layers.Rescaling(1 / deviation, -mean / deviation, dtype=policy)(x)
    x = layers.Conv2D(32, 3, activation="relu", kernel_initializer=initial[0], dtype=policy)(x)
    x = layers.MaxPooling2D(2, dtype=policy)(x)
    x = layers.Conv2D(64, 3, activation="relu", kernel_initializer=initial[1], dtype=policy)(x)
    x = layers.MaxPooling2D(2, dtype=policy)(x)
    x = layers.Flatten(dtype=policy)(x)
    x = layers.Dense(128, activation="relu", kernel_initializer=initial[2], dtype=policy, name="features")(x)
    x = layers.Dropout(dropout, seed=seed, dtype=policy)(x)
    logits = layers.Dense(CLASSES, kernel_initializer=initial[3], dtype="float32", name="logits")(x)
    return keras.Model(images, logits, name="digits_cnn")
