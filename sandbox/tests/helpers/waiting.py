"""Waits for conditions: they look often, and give up only where something is broken."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

Found = TypeVar("Found")

PATIENCE = 120.0
"""Seconds, many times what any condition takes: other processes may keep the machine busy."""
WAITER = {"Delay": 0.1, "MaxAttempts": 3000}
"""The configuration of boto3's waiters, as patient: AWS's own delays are made for minutes."""


def until(holds: Callable[[], Found], within: float = PATIENCE) -> Found:
    """Return the first true value of a condition."""
    deadline = time.monotonic() + within
    while not (found := holds()):
        if time.monotonic() > deadline:
            pytest.fail(f"the condition did not come true within {within:.0f} s; it gives {found!r}")
        time.sleep(0.02)
    return found
