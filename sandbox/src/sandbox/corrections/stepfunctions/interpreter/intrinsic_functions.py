"""Intrinsic functions: a wrong number or kind of arguments, or a failing one, is States.IntrinsicFailure.

AWS Step Functions Developer Guide, "Intrinsic functions for JSONPath states in Step Functions".
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections import intrinsic_calls, workflow_paths
from sandbox.corrections.stepfunctions.interpreter.failures import failure

NAMES = {"ministack.services.stepfunctions": "_evaluate_intrinsic _exec_intrinsic"}
OVERRIDES = {
    "`_evaluate_intrinsic`": "what is no call of a function, or fails, is States.IntrinsicFailure and may be caught; "
    "ministack skips characters that it does not understand, and ends the execution with Python's words",
}

_NUMBER = (int, float)
_KINDS: dict[Any, str] = {
    str: "a string",
    list: "an array",
    dict: "an object",
    bool: "true or false",
    _NUMBER: "a number",
}
_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "States.StringToJson": (str,),
    "States.JsonToString": (object,),
    "States.JsonMerge": (dict, dict, bool),
    "States.Base64Encode": (str,),
    "States.Base64Decode": (str,),
    "States.Hash": (str, str),
    "States.StringSplit": (str, str),
    "States.ArrayGetItem": (list, _NUMBER),
    "States.ArrayLength": (list,),
    "States.ArrayContains": (list, object),
    "States.ArrayUnique": (list,),
    "States.ArrayPartition": (list, _NUMBER),
    "States.ArrayRange": (_NUMBER, _NUMBER, _NUMBER),
    "States.MathAdd": (_NUMBER, _NUMBER),
    "States.UUID": (),
}
_MOST_ITEMS = 1000


def evaluate(text: str, data: Any, context: dict | None) -> Any:
    """The value of an intrinsic function over the data, the context object and variables."""
    try:
        call = intrinsic_calls.parse(text)
    except ValueError as error:
        raise failure(str(error), "States.IntrinsicFailure") from error
    return _called(call, data, context or {})


def _called(call: intrinsic_calls.Call, data: Any, context: dict) -> Any:
    values = [_value(argument, data, context) for argument in call.arguments]
    try:
        if call.name == "States.Format":
            return _formatted(call, values)
        _check(call.name, values)
        if call.name == "States.ArrayRange":  # up to and with its end, in both directions
            first, last, step = (int(value) for value in values)
            return list(range(first, last + (1 if step > 0 else -1), step))
        return stepfunctions._exec_intrinsic(("call", call.name, [("str", value) for value in values]), data, context)
    except Exception as error:
        cause = f"The function '{call.name}' had the following error: {error}"
        raise failure(cause, "States.IntrinsicFailure") from error


def _value(argument: Any, data: Any, context: dict) -> Any:
    match argument:
        case intrinsic_calls.Call():
            return _called(argument, data, context)
        case intrinsic_calls.Path(text):
            try:
                return workflow_paths.find(text, data, context)
            except workflow_paths.NotFound as error:
                shown = json.dumps(data, separators=(",", ":"))
                cause = f"The JsonPath argument for the field '{text}' could not be found in the input '{shown}'"
                raise failure(cause) from error
    return argument.plain


def _check(name: str, values: list[Any]) -> None:
    expected = _ARGUMENTS.get(name)
    if expected is None:
        return  # States.Array takes any, States.MathRandom two or three
    if len(values) != len(expected):
        raise ValueError(f"it takes {len(expected)} arguments, got {len(values)}")
    for number, (value, kind) in enumerate(zip(values, expected, strict=True), 1):
        if not isinstance(value, kind) or (kind == _NUMBER and isinstance(value, bool)):
            raise ValueError(f"argument {number} must be {_KINDS[kind]}, got {json.dumps(value)}")
    match name, values:
        case "States.ArrayGetItem", [items, index] if not 0 <= index < len(items):
            raise ValueError(f"the index {index} is out of range for an array of {len(items)} items")
        case "States.ArrayPartition", [_, size] if size < 1:
            raise ValueError(f"the size of a chunk must be positive, got {size}")
        case "States.ArrayRange", [first, last, step] if step == 0 or abs(last - first) / abs(step) >= _MOST_ITEMS:
            raise ValueError(f"a range has a step that is not 0, and at most {_MOST_ITEMS} items")
        case "States.JsonMerge", [_, _, True]:
            raise ValueError("only the shallow merge (false) is supported")


def _formatted(call: intrinsic_calls.Call, values: list[Any]) -> str:
    """The template with its `{}` filled. Escapes count in a literal template only."""
    template = call.arguments[0].value if values and isinstance(call.arguments[0], intrinsic_calls.Literal) else None
    template = values[0] if template is None and values else template
    if not isinstance(template, str):
        raise ValueError("its first argument must be a string")
    shown = [value if isinstance(value, str) else json.dumps(value, separators=(",", ":")) for value in values[1:]]
    pieces = intrinsic_calls.pieces(template)
    if len(pieces) != len(values):
        raise ValueError(f"the template has {len(pieces) - 1} places, and {len(shown)} arguments are given")
    return pieces[0] + "".join(text + piece for text, piece in zip(shown, pieces[1:], strict=True))
