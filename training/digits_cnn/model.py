"""The network in Keras: standardisation of the inputs, three convolutions at a quarter of the pixels.

The reference network spends most of its time pooling and convolving at full resolution. Here 2 x 2 pixels become four
channels first, and the single pooling works on few pixels, before its normalization.
"""

from __future__ import annotations

import keras

from training.common.dropout import BatchDropout
from training.common.normalization import BatchNormalization
from training.digits_cnn.algorithm import DATA

FEATURES = 128


def build(mean: float, deviation: float, dropout: float, policy: str, seed: int) -> keras.Model:
    """A network from images uint8 [n, 28, 28] to logits float32 [n, 10].

    Its layer `features` gives float [n, 128]. `mean` and `deviation` are those of the training pixels, 0 to 255;
    `policy` is a Keras dtype policy. The loss and the exported signatures compute the softmax, in float32.
    """
    layers = keras.layers
    initial = [keras.initializers.GlorotUniform(seed=seed + number) for number in range(5)]

    def convolve(inputs: keras.KerasTensor, channels: int, number: int) -> keras.KerasTensor:
        options = {"use_bias": False, "kernel_initializer": initial[number], "dtype": policy}
        return layers.Conv2D(channels, 3, **options)(inputs)

    def activate(inputs: keras.KerasTensor) -> keras.KerasTensor:
        return layers.ReLU(dtype=policy)(BatchNormalization(dtype=policy)(inputs))

    height, width = (side // 2 for side in DATA.shape)
    images = keras.Input(DATA.shape, dtype="uint8", name="images")
    x = layers.Reshape((height, 2, width, 2), dtype="uint8")(images)
    x = layers.Permute((1, 3, 2, 4), dtype="uint8")(x)
    x = layers.Reshape((height, width, 4), dtype="uint8")(x)
    x = layers.Rescaling(1 / deviation, -mean / deviation, dtype=policy)(x)
    x = activate(convolve(x, 32, 0))
    x = activate(layers.MaxPooling2D(2, dtype=policy)(convolve(x, 64, 1)))
    x = activate(convolve(x, 64, 2))
    x = BatchDropout(dropout, seed, dtype=policy)(layers.Flatten(dtype=policy)(x))
    x = layers.Dense(FEATURES, activation="relu", kernel_initializer=initial[3], dtype=policy, name="features")(x)
    logits = layers.Dense(len(DATA.classes), kernel_initializer=initial[4], dtype="float32", name="logits")(x)
    return keras.Model(images, logits, name="digits_cnn")
