"""A stack, and resources that the test itself answers for."""

from __future__ import annotations

from typing import Any

import pytest
from stack_lab import Provider, Stack


@pytest.fixture(scope="module")
def provider(aws: Any) -> Provider:
    return Provider(aws)


@pytest.fixture
def stack(aws: Any) -> Stack:
    return Stack(aws)
