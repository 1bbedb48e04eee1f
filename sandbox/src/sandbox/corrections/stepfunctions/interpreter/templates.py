"""Payload templates of JSONPath states: fields that end in `.$`, reference paths, and Assign.

AWS Step Functions Developer Guide, "Manipulate parameters in Step Functions workflows", "Specifying state output using
ResultPath". Where a path finds nothing, AWS ends the execution with States.Runtime: States.ParameterPathFailure of the
guide never came in its recorded answers (localstack, `test_base_scenarios.snapshot.json`, `test_invalid_jsonpath`).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections import workflow_paths
from sandbox.corrections.stepfunctions.interpreter import expressions
from sandbox.corrections.stepfunctions.interpreter.failures import failure

NAMES = {
    "ministack.services.stepfunctions": "_resolve_path_or_ctx _resolve_params_obj _evaluate_intrinsic "
    "_apply_output_path _apply_result_path_raw _state_query_language",
}
OVERRIDES = {
    "Step Functions: JSONPath": "a path that finds nothing fails as States.Runtime in AWS's words; slices, filters, "
    "recursion, `$variable`; ministack makes them null",
}


def at_path(path: str, data: Any, context: dict | None) -> Any:
    """The value at a path. A missing one fails the execution."""
    try:
        return workflow_paths.find(path, data, context or {})
    except workflow_paths.NotFound as error:
        raise failure(f"Invalid path '{path}' : {error}") from error


def filled(template: Any, data: Any, context: dict | None = None) -> Any:
    """A template with its `.$` fields replaced by what their paths and intrinsic functions give."""
    match template:
        case dict():
            return dict(_field(name, value, data, context or {}) for name, value in template.items())
        case list():
            return [filled(item, data, context) for item in template]
    return template


def _field(name: str, value: Any, data: Any, context: dict) -> tuple[str, Any]:
    if not name.endswith(".$"):
        return name, filled(value, data, context)
    return name.removesuffix(".$"), evaluated(value, name, data, context)


def evaluated(text: str, field: str, data: Any, context: dict) -> Any:
    """The value of a path or an intrinsic function that stands in a field."""
    if not text.startswith("$"):
        return stepfunctions._evaluate_intrinsic(text, data, context)
    try:
        return copy.deepcopy(workflow_paths.find(text, data, context))
    except workflow_paths.NotFound as error:
        shown = json.dumps(
            workflow_paths.context_object(context) if text.startswith("$$") else data, separators=(",", ":")
        )
        cause = f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input '{shown}'"
        raise failure(cause) from error


def placed(path: str | None, given: Any, result: Any) -> Any:
    """The given data with the result at a reference path.

    `$` is the result alone, None the data alone.
    """
    if path is None:
        return given
    if path == "$":
        return result
    *parents, last = workflow_paths.members(path)
    output = copy.deepcopy(given) if isinstance(given, dict | list) else {}
    here = output
    for name in parents:
        here = _child(here, name, path)
    _put(here, last, result, path)
    return output


def _child(here: Any, name: str | int, path: str) -> Any:
    if isinstance(here, dict) and not isinstance(here.get(name), dict | list):
        here[name] = {}
    _require_place(here, name, path)
    return here[name]


def _put(here: Any, name: str | int, result: Any, path: str) -> None:
    _require_place(here, name, path)
    here[name] = result


def _require_place(here: Any, name: str | int, path: str) -> None:
    named = isinstance(here, dict) and isinstance(name, str)
    if not named and not (isinstance(here, list) and isinstance(name, int) and name < len(here)):
        raise failure(f"Unable to apply ReferencePath {path} to the input.", "States.ResultPathMatchFailure")


def output_of(output: Callable[..., Any]) -> Callable[..., Any]:
    """The output of a Succeed state in TestState, which in JSONata is its `Output`."""

    def apply_output_path(state: dict, data: Any, context: dict | None = None) -> Any:
        if context and stepfunctions._state_query_language(state, context) == "JSONata":
            return expressions.filled(state["Output"], "Output", data, context) if "Output" in state else data
        return output(state, data, context)

    return apply_output_path
