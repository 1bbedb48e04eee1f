"""The order in which test files begin names files that exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from by_file import ORDER

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("beginning", ORDER)
def test_a_file_begins_so(beginning: str) -> None:
    assert list(ROOT.glob(f"{beginning}*")) or (ROOT / beginning).is_dir()
