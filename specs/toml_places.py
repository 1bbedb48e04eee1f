"""The place of each key in a TOML document; tomllib gives values without positions.

The scanner expects a text that tomllib has accepted, and checks nothing (source: TOML 1.0.0).
"""

from __future__ import annotations

import bisect
import re
import tomllib
from typing import NamedTuple

from specs.words import Path

DEEPEST = 8  # deeper keys get the place of their ancestor; no key of a spec is that deep

_KEY = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[A-Za-z0-9_-]+")
_STRING = re.compile(
    r"\"\"\"(?:[^\\]|\\.)*?\"\"\"\"{0,2}|'''.*?''''{0,2}|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")


class Place(NamedTuple):
    """A line, and a column in characters, both from 1."""

    line: int
    column: int


def locate(text: str) -> dict[Path, Place]:
    """Map the path of every key, table and list item to its place."""
    try:
        return _Scanner(text).scan()
    except RecursionError:  # lists nested as deep as tomllib just bears: problems then name no place
        return {}


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.places: dict[Path, Place] = {}
        self.items: dict[Path, int] = {}  # an array of tables -> index of its newest table

    def scan(self) -> dict[Path, Place]:
        table: Path = ()
        self.skip(_GAP)
        while self.position < len(self.text):
            if self.text[self.position] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_GAP)
        return self.places

    def header(self) -> Path:
        """Read [table] or [[array of tables]]; returns the path of the table that it opens."""
        start = self.position
        double = self.text.startswith("[[", start)
        self.position += 2 if double else 1
        keys = self.keys()
        self.position += 2 if double else 1
        return self.new_item(keys, start) if double else self.resolve(keys, start)

    def new_item(self, keys: list[str], start: int) -> Path:
        array = (*self.resolve(keys[:-1], start), keys[-1])
        self.items[array] = self.items.get(array, -1) + 1
        self.note(array, start)
        self.note((*array, self.items[array]), start)
        return (*array, self.items[array])

    def resolve(self, keys: list[str], start: int) -> Path:
        """The path of a header's keys, in the newest table of an array of tables."""
        path: Path = ()
        for name in keys:
            path = (*path, name)
            self.note(path, start)
            if path in self.items:
                path = (*path, self.items[path])
        return path

    def pair(self, table: Path) -> None:
        """Read key = value; the key may be dotted."""
        start = self.position
        path = table
        for name in self.keys():
            path = (*path, name)
            self.note(path, start)
        self.position += 1  # the equals sign
        self.skip(_SPACES)
        self.value(path)

    def keys(self) -> list[str]:
        """Read the parts of a dotted key, and the spaces after it."""
        names = []
        while True:
            self.skip(_SPACES)
            names.append(_unquoted(self.take(_KEY)))
            self.skip(_SPACES)
            if not self.text.startswith(".", self.position):
                return names
            self.position += 1

    def value(self, path: Path) -> None:
        opening = self.text[self.position]
        if opening in "\"'":
            self.take(_STRING)
        elif opening == "[":
            self.array(path)
        elif opening == "{":
            self.inline_table(path)
        else:
            self.take(_SCALAR)

    def array(self, path: Path) -> None:
        index = 0
        self.next_item()
        while self.text[self.position] != "]":
            self.note((*path, index), self.position)
            self.value((*path, index))
            self.next_item()
            index += 1
        self.position += 1

    def inline_table(self, path: Path) -> None:
        self.next_item()
        while self.text[self.position] != "}":
            self.pair(path)
            self.next_item()
        self.position += 1

    def next_item(self) -> None:
        """Go to the next item, or to the closing bracket."""
        self.skip_opening_or_comma()
        self.skip(_GAP)

    def skip_opening_or_comma(self) -> None:
        self.skip(_GAP)
        if self.text[self.position] in "[{,":
            self.position += 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        self.take(pattern)

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.position)
        if match is None:  # pragma: no cover - tomllib accepted the text
            raise ValueError(f"no {pattern.pattern} at {self.position}")
        self.position = match.end()
        return match.group()

    def note(self, path: Path, position: int) -> None:
        if len(path) <= DEEPEST:
            line = bisect.bisect_right(self.starts, position)
            self.places.setdefault(path, Place(line, position - self.starts[line - 1] + 1))


def _unquoted(name: str) -> str:
    """The text of a quoted key; tomllib knows the escapes."""
    return next(iter(tomllib.loads(f"{name} = 0"))) if name[0] in "\"'" else name
