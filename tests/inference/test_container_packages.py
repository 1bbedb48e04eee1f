"""Shipped code imports only what its container holds: no job and no endpoint can install anything."""

from __future__ import annotations

import pytest
from container_imports import ROOT, SHIPPED, held, strangers


@pytest.mark.parametrize("package", SHIPPED)
def test_imports_are_in_the_container(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    assert strangers(package, files) == {}


def test_the_serving_container_holds_no_tensorflow() -> None:
    assert held("inference") & {"tensorflow", "keras", "PIL"} == set()
