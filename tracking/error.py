"""The error of the function."""

from __future__ import annotations


class TrackingError(Exception):
    """When a run cannot be copied to MLflow; the message is a sentence for the reader of the workflow's history."""
