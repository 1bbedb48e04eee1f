"""A root with declarations that can be changed before they are read."""

from __future__ import annotations

import copy
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from specs import Problem, SpecError, Specs, load

CHECKOUT = Path(__file__).resolve().parents[2]
FILES = ("models/digits-cnn.toml", "environments/local.toml", "environments/dev.toml", "environments/prod.toml")


class _Absent:
    def __repr__(self) -> str:
        """The same in every process: it stands in the names of tests."""
        return "ABSENT"


ABSENT = _Absent()


class Root:
    """The checkout's declarations in a folder of their own, with its training code.

    Values are in `files`; `load` writes them down.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        for code in ("training", "inference"):
            (path / code).symlink_to(CHECKOUT / code)
        self.files: dict[str, Any] = {file: tomllib.loads((CHECKOUT / file).read_text()) for file in FILES}

    def put(self, file: str, key: tuple[str | int, ...], value: Any) -> Root:
        """Set one value, or remove it if ABSENT. Tables that are not there are added."""
        table = self.table(file)
        for part in key[:-1]:
            table = table.setdefault(part, {}) if isinstance(table, dict) else table[part]
        if value is ABSENT:
            del table[key[-1]]
        else:
            table[key[-1]] = value
        return self

    def table(self, file: str) -> Any:
        """The values of a file, at first those of the checkout's."""
        if file not in self.files:
            self.files[file] = tomllib.loads((CHECKOUT / file).read_text())
        return self.files[file]

    def own_code(self) -> Path:
        """Replace the code of all models by a copy; returns the folder of digits-cnn's."""
        for name in ("training", "inference"):
            (self.path / name).unlink()
            shutil.copytree(CHECKOUT / name, self.path / name)
        return self.path / "training" / "digits_cnn"

    def copy(self, file: str, to: str, **values: Any) -> Root:
        self.files[to] = copy.deepcopy(self.files[file]) | values
        return self

    def write(self, file: str, content: bytes) -> Root:
        """Writes the bytes of a file instead of its values."""
        self.files.pop(file, None)
        self._place(file).write_bytes(content)
        return self

    def load(self) -> Specs:
        for file, data in self.files.items():
            self._place(file).write_text(toml_text(data))
        return load(self.path)

    def problems(self) -> tuple[Problem, ...]:
        with pytest.raises(SpecError) as caught:
            self.load()
        assert str(caught.value)
        return caught.value.problems

    def _place(self, file: str) -> Path:
        place = self.path / file
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


def toml_text(table: dict[str, Any]) -> str:
    """A TOML document with each top-level key on a line of its own."""
    return "".join(f"{_string(name)} = {_value(value)}\n" for name, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_string(name)} = {_value(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def _string(text: str) -> str:
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text) + '"'
