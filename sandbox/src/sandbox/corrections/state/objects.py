"""S3's objects on disk, written by a thread beside the request.

ministack's ``S3_PERSIST`` writes two files before a PUT is answered, and searches for a key's file in six steps.
Here a thread writes them milliseconds later, and a key has one path. The body stays in memory until it is written.
Other accesses to the files (deletions, versions) wait for pending writes, so the order is kept.
"""

from __future__ import annotations

import contextvars
import os
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from ministack.services import s3

NAMES = {
    "ministack.services.s3": "S3_PERSIST DATA_DIR _ENCODED_KEYS_DIR _encoded_key_name _key_disk_path "
    "_other_key_disk_path _persist_object _persist_displaced_version _persist_delete_marker _persist_version_state "
    "_delete_persisted_object _delete_version_file _delete_persisted_bucket",
}
OVERRIDES = {
    "objects on disk": "ministack writes them before it answers a PUT, which takes ten times as long by that",
}
_IN_ORDER = (
    "_persist_displaced_version",
    "_persist_delete_marker",
    "_persist_version_state",
    "_delete_persisted_object",
    "_delete_version_file",
    "_delete_persisted_bucket",
)
_MOST_WAITING = 32  # objects; with more, a PUT waits as in ministack


class ObjectWriter:
    """A thread that writes objects in the order of their PUTs."""

    def __init__(self) -> None:
        self._write = s3._persist_object
        self._waiting: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_on, name="objects", daemon=True)

    def install(self) -> None:
        """Replace ministack's writing."""
        s3._persist_object = self._put
        s3._key_disk_path = _place
        s3._other_key_disk_path = lambda *_: None
        for name in _IN_ORDER:
            setattr(s3, name, self._after_all(getattr(s3, name)))
        self._thread.start()

    def drain(self) -> None:
        """Wait until all earlier PUTs are on disk."""
        if threading.current_thread() is not self._thread:
            reached = threading.Event()
            self._waiting.put(reached.set)
            reached.wait()

    def _put(self, bucket: str, key: str, record: Any) -> None:
        if self._waiting.qsize() > _MOST_WAITING:
            self.drain()
        # ministack logs a failure, and the body stays in memory.
        self._waiting.put(partial(contextvars.copy_context().run, self._write, bucket, key, record))

    def _write_on(self) -> None:
        while True:
            self._waiting.get()()

    def _after_all(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def call_in_order(*arguments: Any, **named: Any) -> Any:
            self.drain()
            return call(*arguments, **named)

        return call_in_order


def _place(base: str, key: str) -> str:
    return os.path.join(base, s3._ENCODED_KEYS_DIR, s3._encoded_key_name(key))
