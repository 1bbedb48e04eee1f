"""The environment of clients that find the sandbox by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from own_sandbox import OwnSandbox


@pytest.fixture(scope="module")
def sdk(sandbox: OwnSandbox) -> Iterator[Any]:
    """The SageMaker Python SDK's module of resource classes, in the environment of `sandbox env`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in sandbox.exports.items():
            patch.setenv(name, value)
        from sagemaker.core import resources

        yield resources
