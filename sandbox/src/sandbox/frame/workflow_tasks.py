"""The form of a Step Functions task: an optimized integration."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


class TaskFailed(Exception):
    """When a Step Functions task fails: the error name that a Catch matches, and its cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


@dataclass(frozen=True)
class TaskAttempt:
    """One attempt at a Step Functions task: when it is to end, and where it says that its job was accepted."""

    aborted: threading.Event
    submitted: Callable[[dict], None]


TaskRunner = Callable[[str, dict, TaskAttempt], dict]
"""A Step Functions integration: (resource ARN, arguments, attempt) -> the task's result."""
