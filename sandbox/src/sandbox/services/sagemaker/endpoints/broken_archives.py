"""Model archives that are broken on demand (faults `archive-truncated` and `archive-wrong-signature`).

Only the instance's own copy is broken: the object in S3 stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_META_GRAPHS, _SIGNATURE_DEF, _MAP_KEY = 2, 5, 1
"""Field numbers of SavedModel, MetaGraphDef and a map's entry (tensorflow: saved_model.proto, meta_graph.proto)."""
_WRONG = b"wrong"
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5


def truncate(archive: Path) -> None:
    """Keep the first half, as an upload leaves it that was cut short."""
    os.truncate(archive, archive.stat().st_size // 2)


def rename_signatures(model: Path) -> None:
    """Give every signature of every SavedModel below the folder another name: "serving_raw" becomes "wrongng_raw"."""
    for path in model.rglob("saved_model.pb"):
        content = bytearray(path.read_bytes())
        for start, end in _signature_names(content):
            if not content.startswith(b"__", start):  # TensorFlow's own, such as __saved_model_init_op
                content[start:end] = (_WRONG + content[start + len(_WRONG) : end])[: end - start]
        path.write_bytes(content)


def _signature_names(content: bytearray) -> Iterator[tuple[int, int]]:
    """The positions of the signatures' names."""
    for graph in _fields(content, 0, len(content), _META_GRAPHS):
        for entry in _fields(content, *graph, _SIGNATURE_DEF):
            yield from _fields(content, *entry, _MAP_KEY)


def _fields(content: bytearray, position: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    """The places of a message's fields of one number (Protocol Buffers, "Encoding": all of ours have a length)."""
    while position < end:
        tag, position = _varint(content, position)
        start, position = _value(content, position, tag & 7)
        if tag >> 3 == wanted:
            yield start, position


def _value(content: bytearray, position: int, wire_type: int) -> tuple[int, int]:
    if wire_type == _LENGTH:
        length, position = _varint(content, position)
        return position, position + length
    if wire_type == _VARINT:
        return position, _varint(content, position)[1]
    return position, position + {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}[wire_type]


def _varint(content: bytearray, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
