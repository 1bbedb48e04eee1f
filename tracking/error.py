"""The error of the function."""

from __future__ import annotations


class TrackingError(Exception):
    """When a run cannot be copied to MLflow.

    The message is a sentence for readers of the workflow's history.
    """
