"""Work in a thread beside the training, such as reading and tracing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
_thread = ThreadPoolExecutor(1, "background")


def start(work: Callable[[], Result]) -> Future[Result]:
    """Start the work, after what was started before.

    `result()` waits for it, and raises its error.
    """
    return _thread.submit(work)
