"""Checks before an operation of EC2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import ec2

NAMES = {"ministack.services.ec2": "_ACTION_MAP _error"}
OVERRIDES: dict[str, str] = {}

Parameters = dict[str, Any]


class Ec2Error(ValueError):
    """When EC2 refuses a request; a stack shows the message as the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_operation(name: str, check: Callable[[Parameters], None]) -> None:
    """Call `check` with the parameters of every request; what it raises is the answer."""
    former = ec2._ACTION_MAP[name]

    def checked(parameters: Parameters) -> tuple:
        try:
            check(parameters)
        except Ec2Error as error:
            return ec2._error(error.code, str(error).replace("<", "&lt;"), 400)
        return former(parameters)

    ec2._ACTION_MAP[name] = checked
