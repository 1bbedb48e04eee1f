"""Requests of S3 that ministack copies wrongly, or takes for others."""

from __future__ import annotations

from sandbox.corrections.s3.copies import copy_as_aws_does
from sandbox.corrections.s3.subresources import refuse_unknown_subresources

__all__ = ["serve_as_aws_does"]


def serve_as_aws_does() -> None:
    """Copy objects as S3 does, and refuse what ministack does not know."""
    copy_as_aws_does()
    refuse_unknown_subresources()
