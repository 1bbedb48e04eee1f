"""TFRecord files written by NumPy, because importing TensorFlow takes longer than the writing.

A record is its length (little-endian 64 bits), the length's checksum, its bytes, their checksum. Checksums are CRC-32C,
masked. Sources: TensorFlow, "TFRecord and tf.train.Example"; RFC 3720, B.4 (CRC-32C).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

CASTAGNOLI_REVERSED = 0x82F63B78
MASK_DELTA = 0xA282EAD8
ROWS_AT_ONCE = 10_000


def records(messages: Sequence[bytes]) -> bytes:
    """The content of a TFRecord file with one record for each message, of any lengths."""
    heads = [struct.pack("<Q", len(message)) for message in messages]
    parts = zip(heads, _masked(heads), messages, _masked(messages), strict=True)
    return b"".join(part for record in parts for part in record)


def _masked(rows: Sequence[bytes]) -> list[bytes]:
    crc = crc32c(rows)
    masked = ((crc >> np.uint32(15)) | (crc << np.uint32(17))) + np.uint32(MASK_DELTA)
    whole = masked.astype("<u4").tobytes()
    return [whole[start : start + 4] for start in range(0, len(whole), 4)]


def crc32c(rows: Sequence[bytes]) -> np.ndarray:
    """CRC-32C of every row, uint32 [rows]: one step for each byte, over many rows of similar length."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    order = np.argsort(-lengths, kind="stable")
    table, crc = _table(), np.empty(len(rows), np.uint32)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        chosen = order[start : start + ROWS_AT_ONCE]
        crc[chosen] = _longest_first([rows[index] for index in chosen], lengths[chosen], table)
    return crc


def _longest_first(rows: list[bytes], lengths: np.ndarray, table: np.ndarray) -> np.ndarray:
    """CRC-32C of padded rows; each position uses only the rows that reach it."""
    longest = int(lengths[0])
    padded = np.frombuffer(b"".join(row.ljust(longest, b"\0") for row in rows), np.uint8).reshape(len(rows), longest)
    reaching = np.searchsorted(-lengths, -np.arange(longest), side="left")
    crc = np.full(len(rows), 0xFFFFFFFF, np.uint32)
    for column, count in zip(np.ascontiguousarray(padded.T), reaching, strict=True):
        known = crc[:count]
        crc[:count] = table[(known ^ column[:count]) & np.uint32(0xFF)] ^ (known >> np.uint32(8))
    return ~crc


def _table() -> np.ndarray:
    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        values = np.where(values & 1, (values >> 1) ^ np.uint32(CASTAGNOLI_REVERSED), values >> 1)
    return values.astype(np.uint32)
