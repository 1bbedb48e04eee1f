"""The imports between modules, read from the sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path


def modules(root: Path, package: str) -> dict[str, Path]:
    """Every module of a package below root, by its dotted name."""
    found = {}
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(source: str, known: Mapping[str, Path]) -> Iterator[str]:
    """The known modules that a source imports anywhere: in functions and under TYPE_CHECKING, too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield from {name} & known.keys() or {node.module} & known.keys()


def graph(known: Mapping[str, Path]) -> dict[str, set[str]]:
    """The modules that each module imports, without itself."""
    return {name: set(imports(path.read_text(), known)) - {name} for name, path in known.items()}


def circles(found: Mapping[str, set[str]]) -> list[str]:
    """The modules that import themselves by way of others: what stays when leaves are taken off again and again."""
    left = {module: set(names) for module, names in found.items()}
    while leaves := {module for module, names in left.items() if not names & left.keys()}:
        left = {module: names for module, names in left.items() if module not in leaves}
    while tops := left.keys() - set().union(*left.values()):
        left = {module: names for module, names in left.items() if module not in tops}
    return sorted(left)
