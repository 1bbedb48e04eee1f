"""The network in Keras: standardisation, three convolutions at a quarter of the pixels and fewer.

The reference network spends most of its time pooling and convolving at full resolution. Here 2 x 2 pixels become four
channels first, and the single pooling, before its normalization, follows the first and cheapest convolution.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras

from training.common.dropout import BatchDropout
from training.common.normalization import BatchNormalization
from training.digits_cnn.algorithm import DATA, Settings
from training.digits_cnn.convolution import Convolution
from training.digits_cnn.shift import BatchShift

FEATURES = 128
LOGITS = "logits"


def build(pixels: Mapping[str, float], settings: Settings, policy: str) -> keras.Model:
    """A network from images uint8 [n, 28, 28] to logits float32 [n, 10].

    Its layer `features` gives float [n, 128]. `pixels` has `mean` and `deviation` of the training pixels, 0 to 255;
    `policy` is a Keras dtype policy. The loss and the exported signatures compute the softmax, in float32.
    """
    layers, seed = keras.layers, settings.seed

    def convolve(inputs: keras.KerasTensor, filters: int, number: int) -> keras.KerasTensor:
        return Convolution(filters, seed + number, dtype=policy)(inputs)

    def activate(inputs: keras.KerasTensor) -> keras.KerasTensor:
        return layers.ReLU(dtype=policy)(BatchNormalization(dtype=policy)(inputs))

    def dense(units: int, number: int, **options: str) -> keras.layers.Dense:
        return layers.Dense(units, kernel_initializer=keras.initializers.GlorotUniform(seed + number), **options)

    height, width = (side // 2 for side in DATA.shape)
    images = keras.Input(DATA.shape, dtype="uint8", name="images")
    x = BatchShift(settings.shift, seed, dtype="uint8")(images)
    x = layers.Reshape((height, 2, width, 2), dtype="uint8")(x)
    x = layers.Permute((1, 3, 2, 4), dtype="uint8")(x)
    x = layers.Reshape((height, width, 4), dtype="uint8")(x)
    x = layers.Rescaling(1 / pixels["deviation"], -pixels["mean"] / pixels["deviation"], dtype=policy)(x)
    x = activate(layers.MaxPooling2D(2, dtype=policy)(convolve(x, 32, 0)))
    x = activate(convolve(x, 64, 1))
    x = activate(convolve(x, 64, 2))
    x = BatchDropout(settings.dropout, seed, dtype=policy)(layers.Flatten(dtype=policy)(x))
    x = dense(FEATURES, 3, activation="relu", dtype=policy, name="features")(x)
    logits = dense(len(DATA.classes), 4, dtype="float32", name=LOGITS)(x)
    return keras.Model(images, logits, name="digits_cnn")
