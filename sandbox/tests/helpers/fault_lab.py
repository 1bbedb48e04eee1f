"""Faults in tests: declared in the file, and removed after the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Declared:
    """The faults of a sandbox."""

    def __init__(self, home: Path) -> None:
        self._path = home / "faults.json"

    def __call__(self, kind: str, **members: Any) -> None:
        """Declare one more."""
        self._write([*self.all(), {"kind": kind, **members}])

    def all(self) -> list[dict[str, Any]]:
        return json.loads(self._path.read_text())["faults"] if self._path.exists() else []

    def end(self) -> None:
        self._write([])

    def _write(self, faults: list[dict[str, Any]]) -> None:
        new = self._path.with_suffix(".test")  # the server reads at any moment
        new.write_text(json.dumps({"faults": faults}))
        new.replace(self._path)
