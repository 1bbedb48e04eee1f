"""The trained network as a SavedModel with signatures for pixels and for PNG files."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from training.digits_cnn.algorithm import DATA

SHAPE = DATA.shape
PIXELS = SHAPE[0] * SHAPE[1]
GREY = [0.299, 0.587, 0.114]
"""Weights of red, green and blue. Source: ITU-R BT.601."""
INVISIBLE = "The image shows nothing: what is transparent lies on black, so strokes must be bright."


class Served(tf.Module):
    """The network and its signatures.

    Each but `features` returns class int64 [n], probability float32 [n] and probabilities float32 [n, 10]. Only
    operations of TensorFlow Serving 2.20 are used, and the network must compute in float32.
    """

    def __init__(self, model: keras.Model) -> None:
        super().__init__()
        self._model = model
        hidden = model.get_layer("features").output
        self._judge = keras.Model(model.inputs, [hidden, model.outputs[0]])
        self.weights = [variable.value for variable in model.variables]

    def signatures(self) -> dict[str, tf.types.experimental.ConcreteFunction]:
        """By name; `serving_raw` is `serving_default` for bytes in place of numbers."""
        images = tf.TensorSpec([None, *SHAPE], tf.uint8, "images")
        return {
            "serving_default": self.classify.get_concrete_function(images),
            "serving_png": self.classify_png.get_concrete_function(tf.TensorSpec([None], tf.string, "png_bytes")),
            "features": self.features.get_concrete_function(images),
            "serving_raw": self.classify_raw.get_concrete_function(tf.TensorSpec([None], tf.string, "raw")),
        }

    @tf.function
    def classify(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classify images uint8 [n, 28, 28]: bright strokes on black."""
        probabilities = tf.nn.softmax(tf.cast(self._model(images, training=False), tf.float32))
        return {
            "class": tf.argmax(probabilities, 1),
            "probability": tf.reduce_max(probabilities, 1),
            "probabilities": probabilities,
        }

    @tf.function
    def features(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """The last hidden layer, float32 [n, 128], and probabilities, by which drawn digits are judged."""
        features, logits = self._judge(images, training=False)
        return {"features": features, "probabilities": tf.nn.softmax(logits)}

    @tf.function
    def classify_png(self, png_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classify PNG files, string [n], of 28 x 28 pixels; colour becomes grey, and transparency black."""
        return self.classify(tf.map_fn(_decode_png, png_bytes, fn_output_signature=tf.TensorSpec(SHAPE, tf.uint8)))

    @tf.function
    def classify_raw(self, raw: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classify the 784 bytes of each image, row by row, string [n]."""
        message = f"raw must hold {PIXELS} bytes an image: 28 rows of 28 pixels"
        check = tf.debugging.assert_equal(tf.strings.length(raw), PIXELS, message)
        with tf.control_dependencies([check]):
            pixels = tf.io.decode_raw(raw, tf.uint8, fixed_length=PIXELS)
        return self.classify(tf.reshape(pixels, [-1, *SHAPE]))


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


def export(model: keras.Model, folder: Path) -> None:
    """Write the SavedModel into a folder named by a number, the serving container's version."""
    served = Served(model)
    tf.saved_model.save(served, str(folder), served.signatures())
