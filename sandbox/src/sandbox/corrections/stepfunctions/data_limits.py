"""The limit on data in an execution: 256 KiB for a result, an output or an Assign.

A task's result counts whole, before Assign and Output take parts of it. No Retry or Catch matches the error.
Sources: AWS Step Functions Developer Guide, "Step Functions service quotas" (quotas related to task executions),
"Handling errors in Step Functions workflows" (States.DataLimitExceeded), "Passing data between states with variables".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions.executions import replace

NAMES = {
    "ministack.services.stepfunctions": "_invoke_resource _execute_task _execute_pass _execute_map _execute_parallel "
    "_apply_state_assign _error_matches _ExecutionError",
}
OVERRIDES = {
    "`_invoke_resource`, `_execute_task` and the other states, `_apply_state_assign`": "more than 262,144 bytes end "
    "the execution with States.DataLimitExceeded, as on AWS; ministack carries any amount",
}

ERROR = "States.DataLimitExceeded"
MOST = 262_144


def install() -> None:
    """Look at the data where AWS counts them."""
    replace("_invoke_resource", _invoke_resource)
    for state in ("_execute_task", "_execute_pass", "_execute_map", "_execute_parallel"):
        replace(state, _execute)
    replace("_apply_state_assign", _assign)
    replace("_error_matches", _error_matches)


def _size(data: Any) -> int:
    """The bytes of JSON in UTF-8, without spaces."""
    return len(json.dumps(data, separators=(",", ":"), ensure_ascii=False, default=str).encode())


def _require(what: str, data: Any) -> None:
    size = _size(data)
    if size > MOST:
        limit = "with a size exceeding the maximum number of bytes service limit"
        raise stepfunctions._ExecutionError(ERROR, f"{what} {limit}: {size} bytes, at most {MOST}.")


def _invoke_resource(invoke: Callable, resource: str, arguments: Any) -> Any:
    _require(f"The task {resource} has arguments", arguments)
    result = invoke(resource, arguments)
    _require(f"The task {resource} returned a result", result)
    return result


def _execute(execute: Callable, state: dict, *arguments: Any) -> tuple:
    output, following = execute(state, *arguments)
    _require(f"The {state['Type']} state has an output", output)
    return output, following


def _assign(assign: Callable, state: dict, given: Any, context: Any, *results: Any, **named: Any) -> None:
    assign(state, given, context, *results, **named)
    names = state.get("Assign")
    if isinstance(names, dict) and context is not None:
        assigned = {name: context["assigned"][name] for name in names}
        _require(f"The {state.get('Type', 'state')} state assigns variables", assigned)


def _error_matches(matches: Callable, patterns: list, error: str) -> bool:
    return error != ERROR and matches(patterns, error)
