"""The fixtures that start sandboxes. Tests that use them, directly or not, are marked `sandbox`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from own_sandbox import OwnSandbox

NewSandbox = Callable[..., OwnSandbox]


@pytest.fixture(scope="session")
def new_sandbox(tmp_path_factory: pytest.TempPathFactory) -> NewSandbox:
    """Make a sandbox, which is down at first; its environment has the given variables, too.

    Its folder has a name as hard as a person's may be, so that every test shows that it works there.
    """

    def make(folder: str = 'it\'s a "sandbox" #d', **variables: str) -> OwnSandbox:
        return OwnSandbox(tmp_path_factory.mktemp(folder), **variables)

    return make


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
