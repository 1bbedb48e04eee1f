"""The error with a message for people."""

from __future__ import annotations


class JobError(Exception):
    """When a job fails for a reason that its user can correct.

    The message becomes the FailureReason.
    """
