"""An execution, a branch or an iteration: one state after the other.

AWS Step Functions API Reference, "HistoryEvent": a state is entered and, unless it fails, exited; what it assigned
stands in its exit.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions import executions, history
from sandbox.corrections.stepfunctions.interpreter import simple_states
from sandbox.corrections.stepfunctions.interpreter.failures import RUNTIME, EvaluationFailed, at

NAMES = {
    "ministack.services.stepfunctions": "_run_execution _run_sub_machine _executions _state_machines _fail_execution "
    "_emit_execution_status_event _execute_pass _execute_wait _execute_choice _execute_task _execute_parallel "
    "_execute_map _fail_state_error _ExecutionError",
}
OVERRIDES = {
    "`_run_execution`, `_run_sub_machine`": "each state writes its events, also in branches and iterations, with the "
    "`previousEventId` of AWS; ministack writes those of the outermost states, and none of these ids",
}
_logger = logging.getLogger(__name__)


def run_execution(execution_arn: str) -> None:
    """Run an execution to its end."""
    execution = stepfunctions._executions[execution_arn]
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    definition, given = json.loads(machine["definition"]), json.loads(execution["input"])
    context = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution_arn,
            "Input": given,
            "Name": execution["name"],
            "RoleArn": machine["roleArn"],
            "StartTime": execution["startDate"],
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }
    history.start(execution)
    try:
        output = _walk(definition["States"], definition["StartAt"], given, execution, context)
    except stepfunctions._ExecutionError as error:
        stepfunctions._fail_execution(execution, error.error, error.cause)
    except Exception as error:
        _logger.exception("the sandbox failed to run %s", execution_arn)
        stepfunctions._fail_execution(execution, RUNTIME, f"InternalError: the sandbox failed: {error!r}")
    else:
        _succeed(execution, json.dumps(output))


def _succeed(execution: dict, output: str) -> None:
    if execution["status"] == "RUNNING":
        history.write(execution, "ExecutionSucceeded", {"output": output, "outputDetails": {"truncated": False}})
        execution.update(status="SUCCEEDED", output=output, stopDate=now_iso())
        stepfunctions._emit_execution_status_event(execution)


def run_branch(states: dict, start: str, given: Any, execution: dict, context: dict) -> Any:
    """Run the states of a branch or an iteration. The variables that it assigns end with it."""
    own = {**context, "variables": dict(context.get("variables", {})), "assigned": {}}
    return _walk(states, start, given, execution, own)


def _walk(states: dict, start: str, given: Any, execution: dict, context: dict) -> Any:
    name: str | None = start
    while name is not None:
        executions.go_on()
        given, name = _run(name, states[name], given, execution, context)
    return given


def _run(name: str, state: dict, given: Any, execution: dict, context: dict) -> tuple[Any, str | None]:
    kind = state["Type"]
    entered = history.write(execution, f"{kind}StateEntered", {"name": name, **history.data("input", given)})
    context["State"] = {"Name": name, "EnteredTime": now_iso(), "RetryCount": 0}
    context["assigned"] = {}
    context.pop("Task", None)
    with at(name, entered), _failed_evaluations(execution, name):
        output, following = _execute(state, given, execution, context)
    details = {"name": name, **history.data("output", output)}
    if assigned := context["assigned"]:
        shown = {variable: json.dumps(value) for variable, value in assigned.items()}
        details |= {"assignedVariables": shown, "assignedVariablesDetails": {"truncated": False}}
        context["variables"] = {**context["variables"], **assigned}
    history.write(execution, f"{kind}StateExited", details)
    return output, following


@contextlib.contextmanager
def _failed_evaluations(execution: dict, state: str) -> Iterator[None]:
    """Write the event of an expression that fails."""
    try:
        yield
    except EvaluationFailed as error:
        place = {"location": error.field} if error.field else {}
        history.write(execution, "EvaluationFailed", {**history.error(error), **place, "state": state})
        raise


def _execute(state: dict, given: Any, execution: dict, context: dict) -> tuple[Any, str | None]:
    kind = state["Type"]
    if kind == "Fail":
        raise stepfunctions._ExecutionError(*stepfunctions._fail_state_error(state, given, context))
    if kind == "Succeed":
        return simple_states.execute_succeed(state, given, context)
    execute = getattr(stepfunctions, f"_execute_{kind.lower()}")
    if kind in {"Task", "Parallel", "Map"}:
        return execute(state, given, execution, context)
    return execute(state, given, context)
