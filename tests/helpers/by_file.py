"""The distribution of tests over processes: by file, so that a file shares its set-up."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

TOGETHER = "tests/end_to_end/test_whole_path"
"""The permissions are judged by what the whole path used, in the same process and after it."""


class ByFile(LoadScopeScheduling):
    """xdist's own `loadfile`, but for the files that belong together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return TOGETHER if file.startswith(TOGETHER) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)
