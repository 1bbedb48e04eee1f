"""The role of state machines that run jobs."""

from __future__ import annotations

import pytest
from job_lab import Lab, trust


@pytest.fixture(scope="module")
def role(lab: Lab) -> str:
    return lab.make_role(trust("states.amazonaws.com"))
