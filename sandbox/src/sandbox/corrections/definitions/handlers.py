"""Retry and Catch. AWS Step Functions Developer Guide, "Handling errors in Step Functions workflows"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.corrections.definitions import kinds
from sandbox.corrections.definitions.diagnostics import Diagnostic, Place
from sandbox.corrections.definitions.kinds import Form, Kind

_ERRORS: dict[str, Kind] = {"ErrorEquals": kinds.list_of(kinds.text, least=1), "Comment": kinds.text}


def _handlers(form: Form) -> Kind:
    def check(place: Place, value: Any) -> Iterator[Diagnostic]:
        yield from kinds.list_of(form)(place, value)
        last = len(value) - 1 if isinstance(value, list) else 0
        for position, handler in enumerate(value if isinstance(value, list) else ()):
            errors = handler.get("ErrorEquals") if isinstance(handler, dict) else None
            if isinstance(errors, list) and "States.ALL" in errors and (len(errors) > 1 or position < last):
                named = place.item(position).member("ErrorEquals")
                yield named.fault("States.ALL must appear alone and at end of list")

    return check


RETRY = _handlers(
    Form(
        _ERRORS
        | {
            "IntervalSeconds": kinds.integer(0, 99_999_999),
            "MaxAttempts": kinds.integer(0, 99_999_999),
            "BackoffRate": kinds.fraction(1.0),
            "MaxDelaySeconds": kinds.integer(1, 31_622_400),
            "JitterStrategy": kinds.one_of("NONE", "FULL"),
        },
        required=("ErrorEquals",),
    )
)
CATCH = _handlers(
    Form(
        _ERRORS | {"Next": kinds.text, "Assign": kinds.variables},
        jsonpath={"ResultPath": kinds.optional(kinds.result_path)},
        jsonata={"Output": kinds.payload},
        required=("ErrorEquals", "Next"),
    )
)
