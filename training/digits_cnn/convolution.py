"""A convolution with a matrix as its kernel."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

SIZE = 3


class Convolution(keras.layers.Layer):
    """A convolution of 3 x 3 pixels without bias or padding.

    Images are [n, height, width, channels]. The kernel is a matrix [9 * channels, filters], because Keras's Muon trains
    matrices alone, and leaves kernels of four dimensions to Adam.
    """

    def __init__(self, filters: int, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self.filters, self.seed = filters, seed

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the kernel."""
        shape = (SIZE * SIZE * int(input_shape[-1] or 0), self.filters)
        self.kernel = self.add_weight(shape=shape, initializer=keras.initializers.LecunNormal(self.seed), name="kernel")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Images [n, height - 2, width - 2, filters]."""
        kernel = tf.reshape(self.kernel, [SIZE, SIZE, inputs.shape[-1], self.filters])
        return tf.nn.conv2d(inputs, kernel, 1, "VALID")

    def get_config(self) -> dict[str, Any]:
        """The arguments that build this layer again."""
        return super().get_config() | {"filters": self.filters, "seed": self.seed}
