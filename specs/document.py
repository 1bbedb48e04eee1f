"""A TOML file: its values, their places, and the problems found so far."""

from __future__ import annotations

import pathlib
import re
import tomllib
from typing import Any

from specs import words
from specs.problems import Problem
from specs.toml_places import Place, locate
from specs.words import Path

NOTHING = object()


class Document:
    """A file that was read. `file` is its path below the root, and `stem` the name that it has to declare."""

    def __init__(self, file: str, stem: str, data: dict[str, Any], places: dict[Path, Place]) -> None:
        self.file = file
        self.stem = stem
        self.data = data
        self.problems: list[Problem] = []
        self._places = places
        self._refused: list[Path] = []

    def place(self, path: Path) -> Place | None:
        """The place of a key, or of the nearest table around it in the file."""
        return next((self._places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._places), None)

    def where(self, path: Path) -> str:
        """The file and line of a value, in words: environments/dev.toml, line 4."""
        place = self.place(path)
        return self.file if place is None else f"{self.file}, line {place.line}"

    def dotted(self, path: Path) -> str:
        """The key of a value in its own file."""
        return words.dotted(path)

    def beside(self, path: Path) -> tuple[str, ...]:
        """The keys of the table around a value, in its own file."""
        return keys(self.value(path[:-1]))

    def first_overridden(self, *paths: Path) -> Path:
        """The path to refuse in a rule about several values: without overrides the first one."""
        return paths[0]

    def refuse(self, path: Path, message: str, *, allowed: str, write: str, received: Any = NOTHING) -> None:
        """Note a problem of the value at `path`; `received` defaults to the file's value."""
        value = self.value(path) if received is NOTHING else received
        shown = "nothing" if value is None else words.toml(value)
        line, column = self.place(path) or (None, None)
        self.problems.append(
            Problem(
                file=self.file,
                key=words.dotted(path),
                line=line,
                column=column,
                message=message,
                received=shown,
                allowed=allowed,
                write=write,
            )
        )
        self._refused.append(path)

    def has_refused(self, path: Path) -> bool:
        """Tell whether exactly this value was refused."""
        return path in self._refused

    def value(self, path: Path) -> Any:
        """The value at `path`, or None."""
        value: Any = self.data
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def sound(self, *path: str | int) -> Any:
        """The value at `path` if it has no problem, else None. Rules about several values use this."""
        if any(path[: len(refused)] == refused or refused[: len(path)] == path for refused in self._refused):
            return None
        return self.value(path)


def tables(value: Any) -> list[dict[str, Any]]:
    """List a list's tables, with an empty one for other items, which another check refuses."""
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def keys(value: Any) -> tuple[str, ...]:
    """List the keys of a table; empty for other values, which another check refuses."""
    return tuple(value) if isinstance(value, dict) else ()


def read(path: pathlib.Path, file: str) -> Document | Problem:
    """Read a file, or return the one problem that prevents it."""
    if path.exists() and not path.is_file():  # a folder; or a pipe, which would be waited for without end
        write = f"another name for {file}, or remove it"
        return Problem(file=file, message="this is not a file", allowed="a TOML file", write=write)
    try:
        content = path.read_bytes()
    except OSError as error:
        message, write = f"the file cannot be read: {error.strerror}", f"chmod u+r {file}, or remove it"
        return Problem(file=file, message=message, allowed="a file that you may read", write=write)
    text = _decoded(content, file)
    return text if isinstance(text, Problem) else _parse(text.replace("\r\n", "\n"), path, file)


def _decoded(content: bytes, file: str) -> str | Problem:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return Problem(
            file=file,
            line=content[: error.start].count(b"\n") + 1,
            message="the file is not UTF-8",
            received=f"the byte 0x{content[error.start]:02x}",
            allowed="UTF-8 text",
            write="the file saved as UTF-8",
        )
    if text.startswith("\ufeff"):
        return Problem(
            file=file,
            line=1,
            message="the file begins with an invisible character",
            received="a byte order mark (UTF-8 with BOM)",
            allowed="UTF-8 text",
            write="the file saved as UTF-8 without BOM",
        )
    return text


def _parse(text: str, path: pathlib.Path, file: str) -> Document | Problem:
    try:
        data = tomllib.loads(text)
    except RecursionError:
        return _syntax(file, text, "the values are nested too deeply")
    except ValueError as error:  # TOMLDecodeError, and whole numbers of more digits than Python reads
        return _syntax(file, text, str(error))
    return Document(file, words.plain(path.stem), data, locate(text))


def _syntax(file: str, text: str, message: str) -> Problem:
    """Describe a syntax error; tomllib ends most of its messages with the place."""
    message, _, place = message.partition(" (at ")
    lines = text.rstrip().split("\n")
    named = re.match(r"line (\d+), column (\d+)", place)
    number = int(named.group(1)) if named else len(lines) if place else None
    received = words.plain(lines[number - 1].strip()[: words.LONGEST]) if number and number <= len(lines) else ""
    message = f"not valid TOML: {words.plain(message)}"
    return Problem(
        file=file,
        line=number,
        column=int(named.group(2)) if named else None,
        message=message,
        received=received,
        allowed="TOML 1.0",
        write='key = "value"',
    )
