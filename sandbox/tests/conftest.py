"""Fixtures of many rooms: what a test needs around its subject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fault_lab import Declared
from iam_lab import IamLab
from job_lab import Lab
from own_sandbox import OwnSandbox
from template_lab import Stack
from workflow_lab import WorkflowLab


@pytest.fixture(scope="module")
def lab(aws: Any) -> Lab:
    """A bucket, a role, and jobs that run with them; endpoints have another lab."""
    return Lab(aws)


@pytest.fixture(scope="module")
def workflows(lab: Lab) -> WorkflowLab:
    """State machines, and what their executions do."""
    return WorkflowLab(lab)


@pytest.fixture(scope="module")
def iam(sandbox: OwnSandbox) -> IamLab:
    """Roles, and clients that act as one."""
    return IamLab(sandbox)


@pytest.fixture
def stack(aws: Any) -> Iterator[Stack]:
    """A stack that is not deployed yet, and is deleted after the test."""
    created = Stack(aws)
    yield created
    created.delete()


@pytest.fixture
def fault(sandbox: OwnSandbox) -> Iterator[Declared]:
    """Declare faults for one test: fault("capacity", instance_type="ml.m5.large")."""
    declared = Declared(sandbox.home)
    yield declared
    declared.end()
