"""One sandbox and one environment for all steps of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployed import Access, System
from sandboxes import NewSandbox


@pytest.fixture(scope="session")
def access() -> Access:
    """Of the whole path: test_whole_path.py fills it, test_whole_path_permissions.py judges it."""
    return Access()


@pytest.fixture(scope="module")
def system(new_sandbox: NewSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    home = tmp_path_factory.mktemp("end-to-end")
    with new_sandbox(CDK_HOME=str(home / "cdk")).running() as sandbox:
        yield System(sandbox, home / "cdk.out")
