"""The Choice state.

AWS Step Functions Developer Guide, "Choice workflow state". A Variable that is missing fails, but for IsPresent.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections import workflow_paths
from sandbox.corrections.stepfunctions.interpreter.failures import failure
from sandbox.corrections.stepfunctions.interpreter.flow import flow_of

NAMES = {"ministack.services.stepfunctions": "_execute_choice _ExecutionError _state_query_language"}
OVERRIDES = {
    "`_execute_choice`": "a Variable that is missing ends the execution with States.Runtime; every operator of the "
    "guide, of which ministack lacks nine; a condition in JSONata is true or false, and nothing else",
}

_TYPES: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": lambda value: _number(value) is not None,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: _timestamp(value) is not None,
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _timestamp(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None and "T" in value else None


_KINDS: dict[str, Callable[[Any], Any]] = {
    "String": _text,
    "Numeric": _number,
    "Timestamp": _timestamp,
    "Boolean": _boolean,
}
COMPARISONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], bool]]] = {
    kind + order: (read, compare)
    for kind, read in _KINDS.items()
    for order, compare in _ORDERS.items()
    if kind != "Boolean" or order == "Equals"
}
"""Operators that compare with a value, or with the value of a path: `StringEquals`, `StringEqualsPath`."""


def execute_choice(state: dict, given: Any, context: dict) -> tuple[Any, str]:
    """Choose the first rule that holds."""
    flow = flow_of(state, given, context)
    for rule in state["Choices"]:
        if _holds(rule, state, given, context):
            return flow.pass_on(rule), rule["Next"]
    if "Default" not in state:
        raise stepfunctions._ExecutionError("States.NoChoiceMatched", "No choice rule matched and no Default")
    return flow.pass_on(state), state["Default"]


def _holds(rule: dict, state: dict, given: Any, context: dict) -> bool:
    if stepfunctions._state_query_language(state, context) == "JSONata":
        return flow_of({**state, **rule}, given, context).field("Condition", "boolean")
    path = state.get("InputPath", "$")
    return _Rules(_at(path, given, context) if path is not None else {}, context).hold(rule)


def _at(path: str, data: Any, context: dict) -> Any:
    try:
        return workflow_paths.find(path, data, context)
    except workflow_paths.NotFound as error:
        wrong = f"Invalid path '{path}': The choice state's condition path references an invalid value."
        raise failure(wrong) from error


class _Rules:
    """The rules of a JSONPath state."""

    def __init__(self, data: Any, context: dict) -> None:
        self._data = data
        self._context = context

    def hold(self, rule: dict) -> bool:
        if "And" in rule:
            return all(self.hold(each) for each in rule["And"])
        if "Or" in rule:
            return any(self.hold(each) for each in rule["Or"])
        if "Not" in rule:
            return not self.hold(rule["Not"])
        if "IsPresent" in rule:
            return self._is_present(rule["Variable"]) == rule["IsPresent"]
        return self._compared(_at(rule["Variable"], self._data, self._context), rule)

    def _is_present(self, path: str) -> bool:
        try:
            return workflow_paths.find(path, self._data, self._context) != []
        except workflow_paths.NotFound:
            return False

    def _compared(self, value: Any, rule: dict) -> bool:
        for name, expected in rule.items():
            if name in _TYPES:
                return _TYPES[name](value) == expected
            if name == "StringMatches":
                return isinstance(value, str) and _pattern(expected).fullmatch(value) is not None
            if name.removesuffix("Path") in COMPARISONS:
                read, compare = COMPARISONS[name.removesuffix("Path")]
                other = _at(expected, self._data, self._context) if name.endswith("Path") else expected
                left, right = read(value), read(other)
                return left is not None and right is not None and compare(left, right)
        raise failure(f"The rule {json.dumps(rule)} has no operator.")


def _pattern(wildcards: str) -> re.Pattern[str]:
    """A pattern in which `*` is any text, but a star after a backslash."""
    pieces = re.split(r"(\\.|\*)", wildcards)
    shown = (".*" if piece == "*" else re.escape(piece[1:] if piece.startswith("\\") else piece) for piece in pieces)
    return re.compile("".join(shown), re.DOTALL)
