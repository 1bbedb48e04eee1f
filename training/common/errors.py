"""The error that a person is meant to read."""

from __future__ import annotations


class JobError(Exception):
    """When a job cannot go on for a reason that its user can mend; the message becomes the FailureReason."""
