"""A sandbox's state on disk: one file for each part ("iam", "services"), and a manifest of them.

A save writes the changed parts under new names, and then replaces the manifest: a kill at any moment leaves the old
state or the new one, complete. Nothing is synced to the disk itself: a killed process loses nothing, only a power
failure does.
"""

from __future__ import annotations

import collections
import contextlib
import datetime
import decimal
import hashlib
import io
import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sandbox.corrections.state.stores import STORES

FORMAT = 2
_ALLOWED = {
    (kind.__module__, kind.__qualname__): kind
    for kind in (
        *STORES,
        collections.OrderedDict,
        collections.defaultdict,
        collections.deque,
        datetime.datetime,
        datetime.timedelta,
        datetime.timezone,
        decimal.Decimal,
        bytearray,
        set,
        frozenset,
        dict,
        list,
        int,
    )
}


class Unreadable(Exception):
    """When a state cannot be read; the message says why, and nothing has changed."""


@dataclass(frozen=True)
class Part:
    """One saved part: its file and checksum."""

    file: str
    sha256: str


class Snapshot:
    """The folder of a state. One thread at a time may use it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: dict[str, Part] = {}
        self._generation = 0

    def load(self) -> dict[str, Any]:
        """Every part by name; empty without a state. Raises ``Unreadable``."""
        manifest = self._manifest()
        self._generation = manifest["generation"]
        self._parts = {name: Part(**part) for name, part in manifest["parts"].items()}
        loaded = {name: self._read(part) for name, part in self._parts.items()}
        self._remove_others()
        return loaded

    def save(self, parts: Mapping[str, bytes | None]) -> int:
        """Replace all parts of the state atomically (see ``dump``); None keeps a part.

        Only changed parts are written. Returns the number of bytes.
        """
        changed = {name: data for name, data in parts.items() if data is not None and not self._holds(name, data)}
        kept = {name: part for name, part in self._parts.items() if name in parts and name not in changed}
        if not changed and kept == self._parts:
            return 0
        self._folder.mkdir(parents=True, exist_ok=True)
        self._generation += 1
        for name, data in changed.items():
            kept[name] = Part(f"{name}.{self._generation}", _sha256(data))
            (self._folder / kept[name].file).write_bytes(data)
        self._write_manifest(kept)
        for part in set(self._parts.values()) - set(kept.values()):
            (self._folder / part.file).unlink(missing_ok=True)
        self._parts = kept
        return sum(len(data) for data in changed.values())

    def _holds(self, name: str, data: bytes) -> bool:
        return name in self._parts and self._parts[name].sha256 == _sha256(data)

    def _manifest(self) -> dict[str, Any]:
        try:
            manifest = json.loads((self._folder / "manifest.json").read_text())
            found = {"format": manifest["format"], "ministack": manifest["ministack"]}
        except FileNotFoundError:
            return {"generation": 0, "parts": {}}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"manifest.json is damaged ({error!r})") from error
        if found != _written_by():
            raise Unreadable(f"it was written by {_named(found)}, and this is {_named(_written_by())}")
        return manifest

    def _write_manifest(self, parts: Mapping[str, Part]) -> None:
        named = {name: vars(part) for name, part in sorted(parts.items())}
        manifest = {**_written_by(), "generation": self._generation, "parts": named}
        draft = self._folder / "manifest.json.tmp"
        draft.write_text(json.dumps(manifest, indent=1))
        os.replace(draft, self._folder / "manifest.json")

    def _read(self, part: Part) -> Any:
        try:
            data = (self._folder / part.file).read_bytes()
        except OSError as error:
            raise Unreadable(f"{part.file} cannot be read ({error.strerror})") from error
        if _sha256(data) != part.sha256:
            raise Unreadable(f"{part.file} is damaged: its content is not what was saved")
        try:
            return _Unpickler(io.BytesIO(data)).load()
        except Exception as error:
            raise Unreadable(f"{part.file} is damaged ({error!r})") from error

    def _remove_others(self) -> None:
        """Remove files of a killed save."""
        kept = {part.file for part in self._parts.values()} | {"manifest.json"}
        with contextlib.suppress(FileNotFoundError):
            for found in self._folder.iterdir():
                if found.is_file() and found.name not in kept:
                    found.unlink()


def dump(value: Any) -> bytes:
    """Convert a value of plain types for ``Snapshot.save``. Raises ``pickle.PicklingError`` for other types.

    Pickle, not JSON: it keeps tuples, bytes, sets and times, and is faster.
    """
    written = io.BytesIO()
    _Pickler(written, protocol=5).dump(value)
    return written.getvalue()


class _Pickler(pickle.Pickler):
    """Writes only types that ``_Unpickler`` reads."""

    def reducer_override(self, value: Any) -> Any:
        kind = value if isinstance(value, type) else type(value)
        if (kind.__module__, kind.__qualname__) not in _ALLOWED:
            raise pickle.PicklingError(f"{kind.__module__}.{kind.__qualname__} does not belong into a state")
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Reads plain data only: a state's file can contain no functions, and no other classes than these."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} does not belong into a state")
        return _ALLOWED[module, name]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _written_by() -> dict[str, Any]:
    return {"format": FORMAT, "ministack": version("ministack")}


def _named(written: Mapping[str, Any]) -> str:
    return f"format {written['format']} on ministack {written['ministack']}"
