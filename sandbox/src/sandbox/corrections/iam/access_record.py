"""The record of used permissions: one entry for each, kept over restarts.

An entry covers all calls that one statement's pattern allowed: jobs read thousands of objects by one permission.
So a check costs one dictionary look-up, and only new entries are written, at once: `kill -9` loses counts, not entries.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_INTERVAL = 5.0
"""Seconds between two writes of the counts."""

_logger = logging.getLogger(__name__)


@dataclass
class Use:
    """A permission used by a role, with the first call's resource and context."""

    role: str
    action: str
    pattern: str
    """The matching part of the statement's Resource; the resource itself if no identity policy allowed it."""
    caller: str
    """The service and source that assumed the role: "states.amazonaws.com release-workflow"."""
    refused: bool
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)
    """The condition keys of the first such call, in lower case."""
    condition: str = ""
    """The statement's Condition as text: lists of two prefixes of a bucket are two permissions."""
    count: int = 1

    @property
    def key(self) -> tuple[str, str, str, str, bool, str, tuple[str, ...]]:
        return (
            self.role,
            self.action,
            self.pattern,
            self.caller,
            self.refused,
            self.condition,
            tuple(sorted(self.context)),
        )


class AccessRecord:
    """The uses of one sandbox, in ``home/access.jsonl``.

    Each line is a JSON object; later counts add to earlier ones.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._uses = {use.key: use for use in read(path)}
        if self._uses:
            self._compact()
        self._counted = False
        self._closed = threading.Event()
        threading.Thread(target=self._write_counts, name="access record", daemon=True).start()

    def note(self, use: Use) -> None:
        """Count a use; a new one is written at once."""
        with self._lock:
            known = self._uses.get(use.key)
            if known is not None:
                known.count += 1
                self._counted = True
                return
            self._uses[use.key] = use
            try:
                with self._path.open("a") as file:
                    file.write(_line(use))
            except OSError:
                _logger.exception("a use of %s by %s is not recorded", use.action, use.role)

    def close(self) -> None:
        """Write the counts a last time."""
        self._closed.set()
        with self._lock:
            if self._uses:
                self._compact()

    def _write_counts(self) -> None:
        while not self._closed.wait(_INTERVAL):
            with self._lock:
                if self._counted:
                    self._compact()
                    self._counted = False

    def _compact(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text("".join(map(_line, self._uses.values())))
        fresh.replace(self._path)


def read(path: Path) -> list[Use]:
    """The uses in a record, without a truncated last line; empty without a file."""
    uses: dict[Any, Use] = {}
    for use in _lines(path):
        if use.key in uses:
            uses[use.key].count += use.count
        else:
            uses[use.key] = use
    return list(uses.values())


def _lines(path: Path) -> Iterator[Use]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield Use(**json.loads(line))
        except (ValueError, TypeError):
            _logger.warning("%s holds a line that is no use: %.80s", path, line)


def _line(use: Use) -> str:
    return json.dumps(asdict(use), default=str) + "\n"
