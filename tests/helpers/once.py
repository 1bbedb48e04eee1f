"""Work that the processes of one run share, such as a trained model: the first that needs it does it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

VARIABLE = "TESTS_SHARED"
"""Names the run's own folder, so that nothing in it is older than the code."""


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="slipway-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(VARIABLE), ignore_errors=True)


def once(name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that `make` fills once; other processes wait for it."""
    folder = Path(os.environ[VARIABLE], name)
    made = folder.with_suffix(".made")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # a process that failed left it
            folder.mkdir()
            make(folder)
            made.touch()
    return folder
