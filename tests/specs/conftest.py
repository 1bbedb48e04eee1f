"""The checkout's declarations, to be changed before they are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared import Root


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path)
