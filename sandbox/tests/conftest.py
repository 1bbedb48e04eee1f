"""A real sandbox for the tests: they speak boto3 only, as any client would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fault_lab import Declared
from own_sandbox import NewSandbox, OwnSandbox


@pytest.fixture(scope="session")
def sandbox(new_sandbox: NewSandbox) -> Iterator[OwnSandbox]:
    """A running sandbox that all tests of a process share: each makes what it needs under a name of its own."""
    four_minutes_a_second = {"SANDBOX_TIME_SCALE": "240", "SANDBOX_STOP_GRACE_SECONDS": "5"}
    with new_sandbox(**four_minutes_a_second).running() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def aws(sandbox: OwnSandbox) -> Callable[..., Any]:
    """A factory of boto3 clients on the sandbox, with root's credentials."""
    return sandbox.aws


@pytest.fixture
def fault(sandbox: OwnSandbox) -> Iterator[Declared]:
    """Declare faults for one test: fault("capacity", instance_type="ml.m5.large")."""
    declared = Declared(sandbox.home)
    yield declared
    declared.end()
