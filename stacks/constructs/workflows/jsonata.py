"""JSONata expressions: bare in our code, wrapped as `{% … %}` only in the fields of a state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Jsonata:
    """One bare expression. An f-string takes it as it is, so that expressions compose."""

    text: str

    def __post_init__(self) -> None:
        if self.text.lstrip().startswith("{%"):
            raise ValueError(f"{self.text!r} is wrapped: write the bare expression, the state's field wraps it")

    def __str__(self) -> str:
        return self.text

    @property
    def wrapped(self) -> str:
        """The expression as a state's field holds it."""
        return "{% " + self.text + " %}"


def field(value: Any) -> Any:
    """A field of a state: every expression in it is wrapped, everything else stays."""
    if isinstance(value, Jsonata):
        return value.wrapped
    if isinstance(value, Mapping):
        return {key: field(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [field(item) for item in value]
    if isinstance(value, str) and value.lstrip().startswith("{%"):
        raise ValueError(f"{value!r} is wrapped by hand: write Jsonata(...) with the bare expression")
    return value


def literal(value: Any) -> Jsonata:
    """A constant: JSON is JSONata."""
    return Jsonata(json.dumps(value))


def expression(value: Any) -> Jsonata:
    """Tables and lists with expressions in them, as one expression."""
    if isinstance(value, Jsonata):
        return value
    if isinstance(value, Mapping):
        return Jsonata("{" + ", ".join(f"{literal(name)}: {expression(item)}" for name, item in value.items()) + "}")
    if isinstance(value, list | tuple):
        return Jsonata("[" + ", ".join(str(expression(item)) for item in value) + "]")
    return literal(value)


def first_of(path: Jsonata | str, otherwise: Jsonata | str) -> Jsonata:
    """The value at a path where there is one: a state fails on an undefined value."""
    return Jsonata(f"$exists({path}) ? {path} : {otherwise}")


def starts_with(text: Jsonata | str, beginning: str) -> Jsonata:
    """True if a text begins with this, which JSONata has no function for: $contains also finds it further on."""
    return Jsonata(f"($contains({text}, '{beginning}') and $substringBefore({text}, '{beginning}') = '')")


ERROR_CAUSE = Jsonata("$states.errorOutput.Cause")
"""The cause of the error that a Catch handles."""

RESULT = Jsonata("$states.result")
"""The answer to the call of a Task."""

EXECUTION_ID = Jsonata("$states.context.Execution.Id")

INPUT = Jsonata("$states.context.Execution.Input")
"""The input of the execution."""
