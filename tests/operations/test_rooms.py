"""The rooms of `operations`: each knows only those before it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from outcome import ROOT

ROOMS = ("aws", "deployed", "uploads", "workflows", "environment", "reports", "terminal", "commands")
FOLDER = ROOT / "operations"


def rooms_imported(file: Path) -> set[str]:
    modules = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
    parts = [(node.module or "").split(".") for node in modules]
    return {part[1] for part in parts if part[0] == "operations" and len(part) > 1} - {"errors"}


def test_every_folder_is_a_room() -> None:
    assert sorted(path.parent.name for path in FOLDER.glob("*/__init__.py")) == sorted(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_those_before_it(room: str) -> None:
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    found = {file.name: rooms_imported(file) - allowed for file in (FOLDER / room).glob("*.py")}
    assert {name: sorted(rooms) for name, rooms in found.items() if rooms} == {}
