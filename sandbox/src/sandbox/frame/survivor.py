"""Parts of a service that survive the sandbox's end."""

from __future__ import annotations

from typing import Any, Protocol


class Survivor(Protocol):
    """A part that saves itself as plain data (JSON's types and datetimes)."""

    def state(self) -> Any:
        """A copy of all that must survive."""
        ...

    def restore(self, state: Any) -> None:
        """Take it back, once, before the first request."""
        ...
