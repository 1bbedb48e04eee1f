"""How a command ends early: a sentence for a person, and an exit code for a program."""

from __future__ import annotations


class OperationError(Exception):
    """When a command cannot go on; the message says why and what to do."""

    exit_code = 1


class Failed(OperationError):
    """When the request was in order and the system could not fulfil it: exit code 1."""


class BadInput(OperationError):
    """When the request itself is refused, before anything was changed: exit code 2."""

    exit_code = 2
