"""The imports of shipped code, against the committed lists of its containers' packages."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

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


def strangers(package: str, files: Iterable[Path]) -> dict[str, list[str]]:
    """The imports by file that the container of `training` or `inference` does not hold."""
    allowed = sys.stdlib_module_names | SHIPPED[package] | held(package)
    found = {str(path.relative_to(ROOT)): sorted(imported(path) - allowed) for path in files}
    return {name: unknown for name, unknown in found.items() if unknown}
