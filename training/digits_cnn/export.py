"""The trained network as a SavedModel with signatures for pixels and for PNG files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from training.digits_cnn.algorithm import DATA

SHAPE = DATA.shape
PIXELS = SHAPE[0] * SHAPE[1]
GREY = [0.299, 0.587, 0.114]
"""Weights of red, green and blue. Source: ITU-R BT.601."""
INVISIBLE = "The image shows nothing: what is transparent lies on black, so strokes must be bright."


class Served:
    """The signatures of a network that computes in float32, and its weights.

    Each but `features` returns class int64 [n], probability float32 [n] and probabilities float32 [n, 10]. Only
    operations of TensorFlow Serving 2.20 are used. The network itself is not saved: TensorFlow would trace each of its
    layers once more.
    """

    def __init__(self, model: keras.Model) -> None:
        self._root = tf.Module()
        self._root.weights = [variable.value for variable in model.variables]
        images = tf.TensorSpec([None, *SHAPE], tf.uint8, "images")
        judge = keras.Model(model.inputs, [model.get_layer("features").output, model.outputs[0]])
        network = _traced(lambda images: judge(images, training=False), images)

        def classify(images: tf.Tensor) -> dict[str, tf.Tensor]:
            """Classify images uint8 [n, 28, 28]: bright strokes on black."""
            probabilities = tf.nn.softmax(network(images)[1])
            return {
                "class": tf.argmax(probabilities, 1),
                "probability": tf.reduce_max(probabilities, 1),
                "probabilities": probabilities,
            }

        def features(images: tf.Tensor) -> dict[str, tf.Tensor]:
            """The last hidden layer, float32 [n, 128], and probabilities, by which drawn digits are judged."""
            hidden, logits = network(images)
            return {"features": hidden, "probabilities": tf.nn.softmax(logits)}

        def classify_png(png_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
            """Classify PNG files, string [n], of 28 x 28 pixels; colour becomes grey, and transparency black."""
            return classify(tf.map_fn(_decode_png, png_bytes, fn_output_signature=tf.TensorSpec(SHAPE, tf.uint8)))

        def classify_raw(raw: tf.Tensor) -> dict[str, tf.Tensor]:
            """Classify the 784 bytes of each image, row by row, string [n]."""
            return classify(_decode_raw(raw))

        # `serving_raw` is `serving_default` for bytes in place of numbers.
        self._signatures = {
            "serving_default": _traced(classify, images),
            "serving_png": _traced(classify_png, tf.TensorSpec([None], tf.string, "png_bytes")),
            "features": _traced(features, images),
            "serving_raw": _traced(classify_raw, tf.TensorSpec([None], tf.string, "raw")),
        }

    def save(self, folder: Path) -> None:
        """Write the SavedModel into a folder named by a number, the serving container's version."""
        tf.saved_model.save(self._root, str(folder), self._signatures)


def _traced(function: Callable[[tf.Tensor], Any], argument: tf.TensorSpec) -> tf.types.experimental.ConcreteFunction:
    return tf.function(function, autograph=False).get_concrete_function(argument)


def _decode_raw(raw: tf.Tensor) -> tf.Tensor:
    message = f"raw must hold {PIXELS} bytes an image: 28 rows of 28 pixels"
    with tf.control_dependencies([tf.debugging.assert_equal(tf.strings.length(raw), PIXELS, message)]):
        pixels = tf.io.decode_raw(raw, tf.uint8, fixed_length=PIXELS)
    return tf.reshape(pixels, [-1, *SHAPE])


def _decode_png(content: tf.Tensor) -> tf.Tensor:
    image = tf.io.decode_png(content, channels=4)
    check = tf.debugging.assert_equal(tf.shape(image)[:2], SHAPE, "png_bytes must be an image of 28 x 28 pixels")
    with tf.control_dependencies([check]):
        pixels = tf.cast(tf.reshape(image, [*SHAPE, 4]), tf.float32)
    alpha = pixels[..., 3] / 255
    grey = tf.round(tf.tensordot(pixels[..., :3], GREY, 1) * alpha)
    visible = tf.reduce_all(alpha == 1) | (tf.reduce_max(grey) > tf.reduce_min(grey))
    with tf.control_dependencies([tf.debugging.assert_equal(visible, True, INVISIBLE)]):
        return tf.cast(grey, tf.uint8)
