"""How the tests are spread over processes: file by file, so that a file shares what it set up."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file is a group of its own, unless it says `pytestmark = pytest.mark.xdist_group(...)` with others."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
