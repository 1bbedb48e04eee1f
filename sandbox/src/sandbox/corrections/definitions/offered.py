"""The optimized integrations that the sandbox runs."""

from __future__ import annotations

from ministack.services import stepfunctions

NAMES = {"ministack.services.stepfunctions": "_SERVICE_DISPATCH"}
OVERRIDES: dict[str, str] = {}
_BUILT_IN = frozenset({"arn:aws:states:::lambda:invoke", "arn:aws:states:::states:startExecution"})
"""Integrations of ministack that are not in its table."""


def integrations() -> frozenset[str]:
    """The ARNs that a Resource may begin with, of ministack and of our services."""
    return _BUILT_IN | frozenset(stepfunctions._SERVICE_DISPATCH)
