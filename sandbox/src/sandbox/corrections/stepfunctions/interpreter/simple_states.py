"""Pass, Wait, Succeed and Fail.

AWS Step Functions Developer Guide, "Pass workflow state", "Wait workflow state", "Succeed workflow state", "Fail
workflow state".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions.interpreter import templates
from sandbox.corrections.stepfunctions.interpreter.failures import EvaluationFailed, failure
from sandbox.corrections.stepfunctions.interpreter.flow import flow_of

NAMES = {
    "ministack.services.stepfunctions": "_execute_pass _execute_wait _fail_state_error _next_or_end _scaled_sleep "
    "_state_query_language",
}
OVERRIDES = {
    "`_execute_pass`, `_execute_wait`, `_fail_state_error`": "paths that find nothing fail, also `SecondsPath`, "
    "`TimestampPath` and `CausePath`; Assign; a Succeed state's Output in JSONata, which ministack drops",
}

_FORM = "ISO-8601 extended offset date-time format string"


def execute_pass(state: dict, given: Any, context: dict) -> tuple[Any, str | None]:
    """Run a Pass state."""
    flow = flow_of(state, given, context)
    if _is_jsonata(state, context):
        return flow.pass_on(state), stepfunctions._next_or_end(state)
    result = flow.arguments()
    return flow.finish(state.get("Result", result)), stepfunctions._next_or_end(state)


def execute_succeed(state: dict, given: Any, context: dict) -> tuple[Any, None]:
    """Run a Succeed state."""
    return flow_of(state, given, context).pass_on(state), None


def execute_wait(state: dict, given: Any, context: dict) -> tuple[Any, str | None]:
    """Run a Wait state."""
    flow = flow_of(state, given, context)
    jsonata = _is_jsonata(state, context)
    if "Seconds" in state or "SecondsPath" in state:
        seconds = flow.field("Seconds", "integer") if jsonata else _seconds(state, given, context)
        if jsonata and seconds < 0:
            raise EvaluationFailed(f"Seconds cannot be negative but was: {json.dumps(seconds)}", "Seconds")
        stepfunctions._scaled_sleep(seconds)
    else:
        until = flow.field("Timestamp", "string")
        stepfunctions._scaled_sleep(max(0.0, (_moment(state, until) - datetime.now(UTC)).total_seconds()))
    return flow.pass_on(state), stepfunctions._next_or_end(state)


def _is_jsonata(state: dict, context: dict) -> bool:
    return stepfunctions._state_query_language(state, context) == "JSONata"


def _seconds(state: dict, given: Any, context: dict) -> int:
    if "Seconds" in state:
        return state["Seconds"]
    path = state["SecondsPath"]
    try:
        value = flow_of(state, given, context).field("Seconds", "any")
    except stepfunctions._ExecutionError as error:
        raise failure(f"The SecondsPath parameter does not reference an input value: {path}") from error
    if isinstance(value, bool) or not isinstance(value, int):
        raise failure(f"The SecondsPath parameter cannot be parsed as a long value: {path} == {_shown(value)}")
    if value < 0:
        raise failure(f"The SecondsPath parameter references a negative value: {path} == {value}")
    return value


def _moment(state: dict, value: Any) -> datetime:
    """A time in ISO 8601 with `T` and an offset, as AWS requires."""
    try:
        moment = datetime.fromisoformat(value)
        if "T" in value and moment.tzinfo is not None:
            return moment
    except (TypeError, ValueError):
        pass
    if "TimestampPath" in state:
        path = state["TimestampPath"]
        raise failure(f"The TimestampPath parameter does not reference a valid {_FORM}: {path} == {_shown(value)}")
    raise EvaluationFailed(f"The Timestamp field cannot be parsed as an {_FORM}: {_shown(value)}", "Timestamp")


def fail_state_error(state: dict, given: Any, context: dict) -> tuple[str | None, str | None]:
    """The error and the cause of a Fail state; either may be absent."""
    return _words("Error", state, given, context), _words("Cause", state, given, context)


def _words(name: str, state: dict, given: Any, context: dict) -> str | None:
    flow = flow_of(state, given, context)
    path = state.get(f"{name}Path")
    if path is None or _is_jsonata(state, context):
        return flow.field(name, "string")
    value = templates.evaluated(path, f"{name}Path", given, context)
    if not isinstance(value, str):
        shown = json.dumps(value)
        raise failure(f"The value referenced by {name}Path must be a string, but the value was: {shown}")
    return value


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
