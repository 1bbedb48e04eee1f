"""The records of one kind of resource, by key, behind one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from sandbox.frame.errors import ApiError, InternalFailure, ValidationException
from sandbox.frame.tags import Tag, Tags

K = TypeVar("K")
T = TypeVar("T")

Refusal = Callable[[Any], ApiError]
"""Makes an error of a key."""


def refusal(sentence: str, error: type[ApiError] = ValidationException) -> Refusal:
    """Errors of a class, by their sentence, in which {key} stands for the key."""
    return lambda key: error(sentence.format(key=key))


MADE_TWICE = refusal("the sandbox gave two resources the key {key}", InternalFailure)
"""The error for keys that the sandbox makes up, so that no request can take one twice."""


class Store(Generic[K, T]):
    """Records in the order of their creation. A record that is plain data is replaced as a whole, never changed.

    Args:
        tags: the tags of the service's resources.
        arn: gives the ARN of a record, by which it is tagged.
        missing: makes the service's own error for a key that is not there.
        taken: makes its error for a key that is.
    """

    def __init__(self, tags: Tags, arn: Callable[[T], str], missing: Refusal, taken: Refusal = MADE_TWICE) -> None:
        self._tags, self._arn, self._missing, self._taken = tags, arn, missing, taken
        self._lock = threading.Lock()
        self._records: dict[K, T] = {}

    def get(self, key: K) -> T | None:
        """The record of a key, if there is one."""
        return self._records.get(key)

    def find(self, key: K) -> T:
        """The record of a key. Raises the error that `missing` makes."""
        with self._lock:
            return self._found(key)

    def all(self) -> list[T]:
        """Every record, oldest first."""
        with self._lock:
            return list(self._records.values())

    def require_new(self, key: K) -> None:
        """Raise the error that `taken` makes if there is a record of this key."""
        if key in self._records:
            raise self._taken(key)

    def add(self, key: K, record: T, tags: Iterable[Tag] = ()) -> None:
        """Keep a new record and its tags. Raises the error that `taken` makes."""
        with self._lock:
            self.require_new(key)
            self._records[key] = record
            self._tags.set(self._arn(record), tags)

    def put(self, key: K, record: T, tags: Iterable[Tag] = ()) -> None:
        """Keep a record, which may replace a former one, and add tags to it."""
        with self._lock:
            self._records[key] = record
            self._tags.set(self._arn(record), tags)

    def change(self, key: K, changed: Callable[[T], T]) -> tuple[T, T]:
        """Replace a record by what `changed` makes of it; returns both. Raises the error that `missing` makes."""
        with self._lock:
            before = self._found(key)
            after = self._records[key] = changed(before)
            return before, after

    def remove(self, key: K) -> T:
        """Forget a record and its tags. Raises the error that `missing` makes."""
        with self._lock:
            record = self._found(key)
            del self._records[key]
            self._tags.drop(self._arn(record))
            return record

    def state(self) -> dict[K, T]:
        """Every record by its key, for the state that survives the sandbox's end."""
        with self._lock:
            return dict(self._records)

    def restore(self, state: dict[K, T]) -> None:
        """Take the records of an earlier run, before the first request."""
        self._records.update(state)

    def _found(self, key: K) -> T:
        if key not in self._records:
            raise self._missing(key)
        return self._records[key]
