"""The distribution of tests over processes by file, the longest files first.

So the tests of a file share their set-up.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

TOGETHER = "tests/end_to_end/test_whole_path"
"""The permissions are judged by what the whole path used, in the same process and after it."""
ORDER = (
    TOGETHER,
    "tests/end_to_end/",
    "tests/stacks/test_security.py",
    "tests/stacks/test_cfn_lint.py",
    "tests/stacks/test_app.py",
    "tests/stacks/test_placeholder_account.py",
    "sandbox/tests/",
    "tests/models/test_model_resume.py",
    "tests/training/test_hosts.py",
    "tests/training/test_two_instances.py",
)
"""The longest files first, so that none is left for the end; beside them the sandbox's tests, which wait a lot."""


class ByFile(LoadScopeScheduling):
    """xdist's own `loadfile`, but for the files that belong together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return TOGETHER if file.startswith(TOGETHER) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    config.option.loadscopereorder = False  # xdist would begin with the files of the most tests
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank(item.nodeid))


def rank(nodeid: str) -> int:
    """The place of a test's file in the order; files not named come last."""
    return next((place for place, file in enumerate(ORDER) if nodeid.startswith(file)), len(ORDER))
