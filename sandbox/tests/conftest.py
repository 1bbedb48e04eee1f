"""Faults of the shared sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fault_lab import Declared
from own_sandbox import OwnSandbox


@pytest.fixture
def fault(sandbox: OwnSandbox) -> Iterator[Declared]:
    """Declare faults for one test: fault("capacity", instance_type="ml.m5.large")."""
    declared = Declared(sandbox.home)
    yield declared
    declared.end()
