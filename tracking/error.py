"""What the function fails with."""

from __future__ import annotations


class TrackingError(Exception):
    """When a run cannot be copied to MLflow; the message is one sentence for whoever reads the workflow's history."""
