"""IDX files."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from demo import idx


def test_images_and_labels(tmp_path: Path) -> None:
    images = np.arange(2 * 28 * 28, dtype=np.uint16).astype(np.uint8).reshape(2, 28, 28)
    path = tmp_path / "images"
    path.write_bytes(struct.pack(">IIII", 0x803, 2, 28, 28) + images.tobytes())
    np.testing.assert_array_equal(idx.read(path), images)


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b\x08\x00rest", b"\x00\x00\x0d\x01\x00\x00\x00\x00"], ids=["gzip", "floats"]
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not an IDX file of bytes"):
        idx.read(path)
