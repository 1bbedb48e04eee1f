"""Lambda functions: the processes that run them, and the names of their errors."""

from __future__ import annotations

from pathlib import Path

from sandbox.corrections.functions.errors import name_by_class
from sandbox.corrections.functions.runtimes import start_by_runtimes

__all__ = ["run_as_lambda_does"]


def run_as_lambda_does(home: Path) -> None:
    """Start functions as Lambda's runtimes do; their files lie in the sandbox's folder."""
    start_by_runtimes(home)
    name_by_class()
