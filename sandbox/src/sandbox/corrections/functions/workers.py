"""The programs by which ministack runs functions, changed in places."""

from __future__ import annotations

from collections.abc import Mapping

from ministack.core import lambda_runtime

NAMES = {"ministack.core.lambda_runtime": "_NODEJS_WORKER_SCRIPT _PYTHON_WORKER_SCRIPT"}
OVERRIDES: dict[str, str] = {}


def change_node(changes: Mapping[str, str]) -> None:
    """Replace these texts in the program for Node.js. Raises ``LookupError`` where one is not there once."""
    lambda_runtime._NODEJS_WORKER_SCRIPT = _changed(lambda_runtime._NODEJS_WORKER_SCRIPT, changes)


def change_python(changes: Mapping[str, str]) -> None:
    """Replace these texts in the program for Python. Raises ``LookupError`` where one is not there once."""
    lambda_runtime._PYTHON_WORKER_SCRIPT = _changed(lambda_runtime._PYTHON_WORKER_SCRIPT, changes)


def _changed(script: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        if script.count(old) != 1:
            raise LookupError(f"ministack's worker for functions has no more: {old}")
        script = script.replace(old, new)
    return script
