"""The media types that a model's handler declares, read without running it: it needs its container's packages.

setuptools reads a version in the same way ("Configuring setuptools using pyproject.toml files", `attr`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAMES = ("CONTENT_TYPES", "RESPONSE_TYPES")


class HandlerUnreadable(Exception):
    """When a handler declares no media types."""


@dataclass(frozen=True)
class MediaTypes:
    """Of a handler's requests and answers."""

    content_types: tuple[str, ...]
    response_types: tuple[str, ...]


def read_media_types(root: Path, package: str) -> MediaTypes:
    """Read both tuples from inference/PACKAGE.py. Raises HandlerUnreadable."""
    file = f"inference/{package}.py"
    try:
        assigned = dict(_assigned(ast.parse((root / file).read_bytes())))
    except (SyntaxError, ValueError, OSError, RecursionError) as error:
        raise HandlerUnreadable(f"{file} cannot be read: {type(error).__name__}: {error}") from None
    return MediaTypes(*(_texts(file, name, assigned.get(name)) for name in NAMES))


def _texts(file: str, name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, tuple) and value and all(isinstance(each, str) for each in value):
        return value
    raise HandlerUnreadable(f"{file} declares no {name} as a tuple of texts, written out")


def _assigned(module: ast.Module) -> Iterator[tuple[str, object]]:
    """Yield the two names that the module assigns, with their literal values or None."""
    for statement in module.body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id in NAMES:
                try:
                    yield target.id, ast.literal_eval(value)
                except ValueError:
                    yield target.id, None
