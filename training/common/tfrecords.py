"""TFRecord files of equally long records, written by NumPy: importing TensorFlow takes longer than the writing.

A record is its length (little-endian 64 bits), the length's checksum, its bytes, their checksum. Checksums are CRC-32C,
masked. Sources: TensorFlow, "TFRecord and tf.train.Example"; RFC 3720, B.4 (CRC-32C).
"""

from __future__ import annotations

import numpy as np

CASTAGNOLI_REVERSED = 0x82F63B78
MASK_DELTA = 0xA282EAD8


def records(rows: np.ndarray) -> bytes:
    """The content of a TFRecord file with one record for each row of a uint8 array [records, bytes]."""
    count, length = rows.shape
    head = np.frombuffer(np.array(length, "<u8").tobytes(), np.uint8)[None]
    parts = [head, _checksum_bytes(head)]
    columns = [np.broadcast_to(part, (count, part.shape[1])) for part in parts]
    return np.concatenate([*columns, rows, _checksum_bytes(rows)], axis=1).tobytes()


def _checksum_bytes(rows: np.ndarray) -> np.ndarray:
    crc = crc32c(rows)
    masked = ((crc >> np.uint32(15)) | (crc << np.uint32(17))) + np.uint32(MASK_DELTA)
    return masked.astype("<u4").view(np.uint8).reshape(-1, 4)


def crc32c(rows: np.ndarray) -> np.ndarray:
    """CRC-32C of every row of a uint8 array [records, bytes]: one step a byte, over all records at once."""
    table = _table()
    crc = np.full(len(rows), 0xFFFFFFFF, np.uint32)
    for column in np.ascontiguousarray(rows.T):
        crc = table[(crc ^ column) & np.uint32(0xFF)] ^ (crc >> np.uint32(8))
    return ~crc


def _table() -> np.ndarray:
    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        values = np.where(values & 1, (values >> 1) ^ np.uint32(CASTAGNOLI_REVERSED), values >> 1)
    return values.astype(np.uint32)
