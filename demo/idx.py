"""MNIST's own file format, IDX, as http://yann.lecun.com/exdb/mnist described it."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np


def read(path: Path) -> np.ndarray:
    """Read an IDX file of bytes: uint8 [n, 28, 28] or [n], as its header says. Raises ``ValueError``."""
    content = path.read_bytes()
    zero, kind, dimensions = struct.unpack(">HBB", content[:4])
    if (zero, kind) != (0, 8):
        raise ValueError(f"{path} is not an IDX file of bytes: it starts with {content[:4].hex()}, not with 000008")
    shape = struct.unpack(f">{dimensions}I", content[4 : 4 + 4 * dimensions])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
