"""IDX files, the format of MNIST.

A magic number, the dimensions as big-endian 32-bit numbers, then bytes.
Source: "The MNIST database of handwritten digits", section "File formats".
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np

from training.common.encrypted import open_raw
from training.common.errors import JobError

UNSIGNED_BYTE = 0x08


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read the file's array, uint8 with this number of dimensions.

    Raises JobError if the file is missing, of another kind, or shorter or longer than its header says.
    """
    if not path.is_file():
        raise JobError(f"The data set has no file {path.name}: upload it (operations upload).")
    with open_raw(path) as file:
        content = file.read()
    magic, header = bytes([0, 0, UNSIGNED_BYTE, dimensions]), 4 + 4 * dimensions
    if content[:4] != magic:
        raise JobError(
            f"{path.name} is not an IDX file of unsigned bytes in {dimensions} dimension{'s' * (dimensions > 1)}: it "
            f"begins with {content[:4].hex() or 'nothing'} and must begin with {magic.hex()} (unpacked, not .gz)."
        )
    if len(content) < header:
        raise JobError(f"{path.name} is cut off within its header: it holds {len(content)} bytes, a header {header}.")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    announced = math.prod(shape)
    if len(content) - header != announced:
        problem = "is truncated" if len(content) - header < announced else "holds more than it announces"
        raise JobError(
            f"{path.name} {problem}: its header announces {' x '.join(map(str, shape))} = {announced} bytes of data, "
            f"and {len(content) - header} follow."
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
