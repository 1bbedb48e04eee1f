"""Keys and values as text for a message: TOML, short, and safe to print."""

from __future__ import annotations

import datetime
import difflib
import json
import re
from collections.abc import Iterable
from typing import Any

Path = tuple[str | int, ...]

LONGEST = 72
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def dotted(path: Path) -> str:
    """Write a path as a dotted key: training.candidates[1].purchase."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{key(part)}"
    return text.lstrip(".")


def key(name: str) -> str:
    """A TOML key, quoted where it has to be."""
    return name if _BARE_KEY.fullmatch(name) and len(name) <= LONGEST else quoted(name)


def quoted(text: str) -> str:
    """A TOML basic string on one line.

    Control characters and lone surrogates are escaped, long text is cut.
    """
    shown = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return '"' + "".join(_escaped(character) for character in shown) + '"'


def _escaped(character: str) -> str:
    if character.isprintable() and character not in '"\\':
        return character
    return json.dumps(character)[1:-1]


def plain(text: str) -> str:
    """Text without quotes, such as a file name, that is safe to print."""
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)


def toml(value: Any) -> str:
    """A value as TOML, shortened where it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        # Python refuses str() of a huge integer.
        return str(value) if value.bit_length() <= 128 else f"a whole number of {value.bit_length()} bits"
    if isinstance(value, float | datetime.date | datetime.time):
        return str(value)
    if isinstance(value, dict):
        return _table(value)
    return _list(value)


def _list(value: Iterable[Any]) -> str:
    items = list(value)
    if any(isinstance(item, list | tuple | dict) for item in items):
        return f"a list of {len(items)}"
    text = "[" + ", ".join(toml(item) for item in items[:20]) + "]"
    return text if len(text) <= LONGEST and len(items) <= 20 else f"a list of {len(items)}"


def _table(value: dict[str, Any]) -> str:
    if not value:
        return "an empty table"
    shown = ", ".join(key(name) for name in list(value)[:6])
    return f"a table with {shown}" + (", …" if len(value) > 6 else "")


def kind(value: Any) -> str:
    """The kind of a TOML value, in words."""
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (str, "text"),
        (int, "a whole number"),
        (float, "a number with a point"),
        (dict, "a table"),
        (list, "a list"),
        (datetime.date, "a date"),
        (datetime.time, "a time"),
    )
    return next(words for type_, words in kinds if isinstance(value, type_))


def nearest(received: object, known: Iterable[str]) -> str | None:
    """Find the known word that is most like the received one, or None."""
    if not isinstance(received, str) or len(received) > LONGEST:
        return None
    found = difflib.get_close_matches(received.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def either(words: Iterable[str]) -> str:
    """`a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
