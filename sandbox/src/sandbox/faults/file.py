"""The file `home/faults.json`: {"faults": [{"kind": "capacity", "instance_type": "ml.g5.xlarge", "times": 2}, ...]}."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.faults.fault import Fault
from sandbox.faults.kinds import KINDS, AnyFault
from sandbox.frame.errors import ValidationException


class FaultsUnreadable(ValidationException):
    """When the file cannot be used; the message has a sentence for each error.

    An operation answers with it, because the person who declared faults must learn that they do not strike.
    """

    code = "ValidationException"


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    faults: tuple[AnyFault, ...] = ()


class FaultsFile:
    """The declared faults, read again after changes, and rewritten under a lock across processes."""

    def __init__(self, home: Path) -> None:
        self.path = home / "faults.json"
        self._lock = home / "faults.lock"

    def read(self) -> tuple[Fault, ...]:
        """The declared faults in order; empty without a file. Raises FaultsUnreadable."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return ()
        return _cached(self.path, (status.st_ino, status.st_mtime_ns, status.st_size))

    def read_now(self) -> tuple[Fault, ...]:
        """Read without the cache, which misses writes within one clock tick. Raises FaultsUnreadable."""
        return _read(self.path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Prevent other writes: the lock of an open file holds across threads and processes."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def write(self, faults: Sequence[Fault]) -> None:
        """Replace the content atomically: a reader sees the old or the new one."""
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps({"faults": [fault.declaration() for fault in faults]}, indent=2) + "\n")
        written.replace(self.path)


@lru_cache(maxsize=8)
def _cached(path: Path, _version: tuple[int, int, int]) -> tuple[Fault, ...]:
    return _read(path)


def _read(path: Path) -> tuple[Fault, ...]:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return ()
    except ValueError as error:
        raise FaultsUnreadable(f"{path} is not JSON: {error}") from error
    return parse(content, str(path))


def parse(content: Any, where: str) -> tuple[Fault, ...]:
    """The faults in a file's content. Raises FaultsUnreadable with all errors."""
    try:
        return _Content.model_validate_json(json.dumps(content)).faults
    except ValidationError as invalid:
        sentences = "\n".join(f"  {_sentence(error)}" for error in invalid.errors())
        raise FaultsUnreadable(f"{where} cannot be used:\n{sentences}") from invalid


def _sentence(error: Any) -> str:
    """An error as a sentence: place, received value, allowed values."""
    place, kind, key = _place(error["loc"])
    if error["type"] == "union_tag_invalid":
        return f"{place}: kind {error['input']['kind']!r} is unknown; allowed: {', '.join(KINDS)}"
    if error["type"] == "union_tag_not_found":
        return f"{place}: it has no kind; allowed: {', '.join(KINDS)}"
    if error["type"] == "extra_forbidden":
        keys = [name for name in KINDS[kind].model_fields if name != "kind"] if kind else ["faults"]
        return f"{place}: there is no key {key!r}; allowed: {', '.join(keys)}"
    if error["type"] == "missing":
        return f"{place}: {key} is missing; allowed: {KINDS[kind].model_fields[key].description}"
    allowed = error["msg"].removeprefix("Input should be ")
    return f"{place}: {key or 'it'} is {json.dumps(error['input'])}; allowed: {allowed}"


def _place(location: tuple[int | str, ...]) -> tuple[str, str, str]:
    """Convert ("faults", 0, "capacity", "times") to "faults[0] (capacity)", "capacity", "times"."""
    if len(location) < 2:
        return "the file", "", ".".join(map(str, location))
    _, index, *rest = location
    kind, key = (*map(str, rest), "", "")[:2]
    return f"faults[{index}]" + (f" ({kind})" if kind else ""), kind, key
