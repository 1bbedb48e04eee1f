"""tf.train.Example messages, encoded without TensorFlow, which takes longer to import than the encoding.

The messages are ordinary protocol buffers (TensorFlow, "TFRecord and tf.train.Example"): a map from a feature's name to
its values, in which every submessage is its tag, its length and its bytes.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from training.common.schema import Feature, Schema

_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3


def encode(columns: Mapping[str, Sequence[Any] | np.ndarray], schema: Schema) -> list[bytes]:
    """Encode one Example for each record, from one column for each feature.

    Columns have equal lengths: arrays uint8 [records, *shape], sequences of bytes, or sequences of numbers.
    """
    entries = [_entries(name.encode(), feature, columns[name]) for name, feature in schema.items()]
    return [_field(1, b"".join(parts)) for parts in zip(*entries, strict=True)]


def _entries(name: bytes, feature: Feature, column: Sequence[Any] | np.ndarray) -> Iterator[bytes]:
    """A column's entries in the messages' maps: the feature's name is field 1, its values are field 2."""
    if feature.type == "uint8":
        return _of_arrays(name, feature, np.asarray(column))
    values = _VALUES[feature.type]

    def entry(value: Any) -> bytes:
        return _entry(name, values(value))

    # Many records share few different whole numbers, such as labels.
    return map(functools.lru_cache(maxsize=1024)(entry) if feature.type == "int64" else entry, column)


def _of_arrays(name: bytes, feature: Feature, arrays: np.ndarray) -> Iterator[bytes]:
    if arrays.dtype != np.uint8 or arrays.shape[1:] != feature.shape:
        raise ValueError(f"'{name.decode()}' must hold {feature}, and holds {arrays.dtype} {arrays.shape[1:]}")
    size = feature.fixed_bytes
    # All are equally long, so the bytes before the content are always the same.
    whole = _entry(name, _values(_BYTES_LIST, bytes(size)))
    before = whole[: len(whole) - size]
    return (before + array.tobytes() for array in arrays)


def _int64(value: int) -> bytes:
    return _values(_INT64_LIST, _varint(int(value) & (1 << 64) - 1))


_VALUES: dict[str, Callable[[Any], bytes]] = {
    "bytes": lambda value: _values(_BYTES_LIST, value),
    "float32": lambda value: _values(_FLOAT_LIST, struct.pack("<f", value)),
    "int64": _int64,
}


def _values(kind: int, content: bytes) -> bytes:
    """Encode a Feature of one value; packed numbers have the same form as bytes."""
    return _field(kind, _field(1, content))


def _entry(name: bytes, feature: bytes) -> bytes:
    return _field(1, _field(1, name) + _field(2, feature))


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
