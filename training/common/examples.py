"""tf.train.Example messages of one image and one label, encoded by NumPy for many records at once.

The messages are ordinary protocol buffers (TensorFlow, "TFRecord and tf.train.Example"): a map from a feature's name to
its values, in which every submessage is its tag, its length and its bytes.
"""

from __future__ import annotations

import numpy as np


def encode(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Rows of encoded Examples, uint8 [records, bytes], from images uint8 [records, ...] and labels below 128.

    The features are `image` (one string of the image's bytes) and `label` (one int64).
    """
    pixels = images.reshape(len(images), -1)
    size = pixels.shape[1]
    # A label below 128 is one byte as a varint, so all records are equally long: one message, with zeros, is cut up.
    label = _entry(b"label", _field(3, _field(1, b"\x00")))
    message = _field(1, _entry(b"image", _field(1, _field(1, bytes(size)))) + label)
    before = message[: len(message) - len(label) - size]
    columns = (before, pixels, label[:-1], labels.astype(np.uint8)[:, None])
    return np.concatenate([_column(part, len(images)) for part in columns], axis=1)


def _entry(name: bytes, feature: bytes) -> bytes:
    """One entry of the map: the name is its field 1, the feature its field 2."""
    return _field(1, _field(1, name) + _field(2, feature))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes([*encoded, value])


def _column(part: bytes | np.ndarray, count: int) -> np.ndarray:
    if isinstance(part, bytes):
        return np.broadcast_to(np.frombuffer(part, np.uint8), (count, len(part)))
    return part
