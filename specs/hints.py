"""Commands that a message, an alarm or a page names, as a person types them.

`hints.approve("local", "digits-cnn", 2, wait=True)` is ``python -m operations approve local digits-cnn 2 --wait``.

Each function of `operations` has the signature of the command of its name, so mypy refuses an option that does not
exist, and tests/operations/test_hints.py reads every hint with the real command lines. No other file writes such a
command.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec

Given = ParamSpec("Given")
Version = int | str | None
"""A number; or a word that stands for one, as an alarm text needs it."""


def _operation(signature: Callable[Given, None]) -> Callable[Given, str]:
    """Write the call of a signature: arguments in their order, then the options that differ from their defaults."""
    declared = inspect.signature(signature)
    command = f"python -m operations {signature.__name__}"

    @functools.wraps(signature)
    def write(*args: Given.args, **kwargs: Given.kwargs) -> str:
        given = declared.bind(*args, **kwargs).arguments
        words = [command]
        for name, value in given.items():
            parameter = declared.parameters[name]
            if value == parameter.default:
                continue
            if parameter.kind is parameter.KEYWORD_ONLY:
                words.append(f"--{name}")
            if value is not True:
                words.append(str(value))
        return " ".join(words)

    return write


@_operation
def status(environment: str, model: str | None = None) -> None: ...


@_operation
def upload(environment: str, model: str, folder: str) -> None: ...


@_operation
def train(environment: str, model: str, *, watch: bool = False, set: str = "") -> None: ...


@_operation
def watch(environment: str, model: str, *, execution: str = "") -> None: ...


@_operation
def logs(environment: str, model: str, step: str | None = None) -> None: ...


@_operation
def report(environment: str, model: str, *, execution: str = "") -> None: ...


@_operation
def approve(environment: str, model: str, version: Version = None, *, wait: bool = False) -> None: ...


@_operation
def reject(environment: str, model: str, version: Version = None) -> None: ...


@_operation
def rollback(environment: str, model: str, version: Version = None) -> None: ...


@_operation
def invoke(environment: str, model: str, file: str) -> None: ...


@_operation
def resize(environment: str, model: str) -> None: ...


@_operation
def empty(environment: str) -> None: ...


@_operation
def retire(environment: str, model: str) -> None: ...


def deploy(environment: str, stack: str = "--all") -> str:
    """Deploy an environment, or one of its stacks and those that it needs."""
    return f"cdk deploy {stack} -c environment={environment}"


def destroy(environment: str, stack: str = "--all") -> str:
    """Destroy an environment, or one of its stacks and those that need it."""
    return f"cdk destroy {stack} -c environment={environment}"


def continue_rollback(environment: str, stack: str) -> str:
    """Bring a stack back to its last stable state, after a rollback that failed."""
    return f"cdk rollback {stack} -c environment={environment}"


def lift_protection(stack: str) -> str:
    """Lift the protection of a stack that no file declares, so that no deploy does."""
    return f"aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name {stack}"
