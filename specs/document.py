"""One TOML file: its values, where each of them stands, and the problems found in it so far."""

from __future__ import annotations

import pathlib
import re
import tomllib
from typing import Any

from specs import words
from specs.problems import Problem
from specs.toml_lines import locate
from specs.words import Path

NOTHING = object()


class Document:
    """`file` is the name that people read, such as models/digits-cnn.toml; `stem` is what its `name` has to be."""

    def __init__(self, file: str, stem: str, data: dict[str, Any], lines: dict[Path, int]) -> None:
        self.file = file
        self.stem = stem
        self.data = data
        self.problems: list[Problem] = []
        self._lines = lines
        self._refused: list[Path] = []

    def line(self, path: Path) -> int | None:
        """The line of a key, or of the nearest table around it that is written down."""
        return next((self._lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._lines), None)

    def where(self, path: Path) -> str:
        """The file and line of a value, as people say it: environments/dev.toml, line 4."""
        line = self.line(path)
        return self.file if line is None else f"{self.file}, line {line}"

    def first_overridden(self, *paths: Path) -> Path:
        """The first path, for a rule about several values: here no other file overrides one of them."""
        return paths[0]

    def refuse(self, path: Path, message: str, *, allowed: str, write: str, received: Any = NOTHING) -> None:
        """Notes a problem of the value at `path`; `received` is read from the file unless given."""
        value = self.value(path) if received is NOTHING else received
        shown = "nothing" if value is None else words.toml(value)
        self.problems.append(Problem(self.file, words.dotted(path), self.line(path), message, shown, allowed, write))
        self._refused.append(path)

    def has_refused(self, path: Path) -> bool:
        """Whether exactly this value was refused."""
        return path in self._refused

    def value(self, path: Path) -> Any:
        """What the file says at `path`, or None where it says nothing."""
        value: Any = self.data
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def sound(self, *path: str | int) -> Any:
        """The value at `path` if no problem touches it, else None: what rules about several values may rely on."""
        if any(path[: len(refused)] == refused or refused[: len(path)] == path for refused in self._refused):
            return None
        return self.value(path)


def tables(value: Any) -> list[dict[str, Any]]:
    """The tables of a list; an empty one for each item that is no table, which is refused elsewhere."""
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def keys(value: Any) -> tuple[str, ...]:
    """The keys of a table; none of a value that is no table, which is refused elsewhere."""
    return tuple(value) if isinstance(value, dict) else ()


def read(path: pathlib.Path, file: str) -> Document | Problem:
    """The document of a file, or the one problem that keeps it from being read."""
    if path.exists() and not path.is_file():  # a folder; or a pipe, which would be waited for without end
        return Problem(file, "", None, "this is no file", "", "a TOML file", f"another name for {file}, or remove it")
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        received = f"the byte 0x{error.object[error.start]:02x}"
        return Problem(file, "", line, "the file is not UTF-8", received, "UTF-8 text", "the file saved as UTF-8")
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        return Problem(file, "", None, message, "", "a file that you may read", f"chmod u+r {file}, or remove it")
    if text.startswith("\ufeff"):
        received, write = "a byte order mark (UTF-8 with BOM)", "the file saved as UTF-8 without BOM"
        return Problem(file, "", 1, "the file begins with an invisible character", received, "UTF-8 text", write)
    return _parse(text.replace("\r\n", "\n"), path, file)


def _parse(text: str, path: pathlib.Path, file: str) -> Document | Problem:
    try:
        data = tomllib.loads(text)
    except RecursionError:
        return _syntax(file, text, "the values are nested too deeply")
    except ValueError as error:  # TOMLDecodeError, and whole numbers of more digits than Python reads
        return _syntax(file, text, str(error))
    return Document(file, words.plain(path.stem), data, locate(text))


def _syntax(file: str, text: str, message: str) -> Problem:
    """The problem of a text that is no TOML; tomllib says the place at the end of its message, if at all."""
    message, _, place = message.partition(" (at ")
    lines = text.rstrip().split("\n")
    named = re.match(r"line (\d+)", place)
    number = int(named.group(1)) if named else len(lines) if place else None
    received = words.plain(lines[number - 1].strip()[: words.LONGEST]) if number and number <= len(lines) else ""
    return Problem(file, "", number, f"no valid TOML: {words.plain(message)}", received, "TOML 1.0", 'key = "value"')
