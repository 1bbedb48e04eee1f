"""The versions of all model package groups, numbered by group."""

from __future__ import annotations

import threading
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags

Version = dict[str, Any]


class Versions:
    """Descriptions by ARN. A number is never used again, even after its version or its group is deleted."""

    def __init__(self, tags: Tags) -> None:
        self.store = Store[str, Version](
            tags, itemgetter("ModelPackageArn"), refusal("ModelPackage {key} does not exist.")
        )
        self._lock = threading.Lock()
        self._highest: dict[str, int] = {}
        self._by_token: dict[str, str] = {}

    def of_group(self, group: str) -> list[Version]:
        """A group's versions, oldest first."""
        return [version for version in self.store.all() if version["ModelPackageGroupName"] == group]

    def made_by(self, token: str) -> str | None:
        """The ARN of the version that an earlier request with this ClientToken made."""
        return self._by_token.get(token)

    def add(self, group: str, tags: list[dict[str, str]], token: str, version: Callable[[int], Version]) -> Version:
        """Keep what `version` makes of the group's next number, and the ClientToken of its request."""
        with self._lock:
            number = self._highest[group] = self._highest.get(group, 0) + 1
            added = version(number)
            self.store.add(added["ModelPackageArn"], added, tags)
            self._by_token[token] = added["ModelPackageArn"]
        return added

    def state(self) -> dict[str, Any]:
        """The versions, each group's highest number, and the tokens: the state that survives the sandbox's end."""
        with self._lock:
            highest, tokens = dict(self._highest), dict(self._by_token)
            return {"versions": self.store.state(), "highest": highest, "tokens": tokens}

    def restore(self, state: dict[str, Any]) -> None:
        """Take the versions of an earlier run, before the first request."""
        self.store.restore(state["versions"])
        self._highest.update(state["highest"])
        self._by_token.update(state.get("tokens", {}))
