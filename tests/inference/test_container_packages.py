"""Shipped code imports only what its container holds: no job and no endpoint can install anything."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = {"training": {"training", "pages"}, "inference": {"serving"}}


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.partition(".")[0] if node.module and not node.level else "a relative import")
    return names


def held(package: str) -> set[str]:
    """The container's packages by the committed list."""
    lines = (ROOT / package / "CONTAINER_PACKAGES.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("package", SHIPPED)
def test_imports_are_in_the_container(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    allowed = sys.stdlib_module_names | SHIPPED[package] | held(package)
    found = {str(path.relative_to(ROOT)): sorted(imported(path) - allowed) for path in files}
    assert files
    assert {name: strangers for name, strangers in found.items() if strangers} == {}


def test_the_serving_container_holds_no_tensorflow() -> None:
    assert held("inference") & {"tensorflow", "keras", "PIL"} == set()
