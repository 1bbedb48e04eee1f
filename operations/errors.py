"""Errors that end a command with a sentence and an exit code."""

from __future__ import annotations


class OperationError(Exception):
    """When a command cannot go on; the message says why, and the cure."""

    exit_code = 1


class Failed(OperationError):
    """When the request was valid and the system could not fulfil it: exit code 1."""


class BadInput(OperationError):
    """When the request is refused, before anything was changed: exit code 2."""

    exit_code = 2
