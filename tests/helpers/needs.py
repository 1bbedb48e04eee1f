"""The needs of tests, a sandbox or TensorFlow, and `pytest --check` for the others.

A test that uses the fixture `new_sandbox`, directly or indirectly, is marked `sandbox`. A file with tests that import
TensorFlow, here or in a child process, says `pytestmark = pytest.mark.tensorflow`.
"""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path

import pytest

GUARD = Path(__file__).with_name("guard")
TENSORFLOW_FILE = re.compile(r"^pytestmark = .*pytest\.mark\.tensorflow", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--check", action="store_true", help="run tests that start no sandbox and import no TensorFlow")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sandbox: starts a sandbox; set by the use of the fixture new_sandbox")
    config.addinivalue_line("markers", "tensorflow: imports TensorFlow, in this process or in one that it starts")
    if config.getoption("check"):
        runpy.run_path(str(GUARD / "sitecustomize.py"))
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(GUARD), os.environ.get("PYTHONPATH")]))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import a file that says that it needs TensorFlow."""
    if not config.getoption("check") or not collection_path.match("test_*.py"):
        return None
    return True if TENSORFLOW_FILE.search(collection_path.read_text()) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "new_sandbox" in getattr(item, "fixturenames", ()):
            item.add_marker("sandbox")
    if config.getoption("check"):
        needy = [item for item in items if any(item.iter_markers("sandbox")) or any(item.iter_markers("tensorflow"))]
        config.hook.pytest_deselected(items=needy)
        items[:] = [item for item in items if item not in needy]
