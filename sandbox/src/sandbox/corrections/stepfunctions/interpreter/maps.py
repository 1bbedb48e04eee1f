"""The Map state, and its events; a Distributed Map is a Map Run.

AWS Step Functions Developer Guide, "Using Map state in Inline mode", "ItemsPath (Map, JSONPath only)", "ItemSelector
(Map)"; the events are recorded in localstack's snapshots.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections import workflow_paths
from sandbox.corrections.stepfunctions import history
from sandbox.corrections.stepfunctions.interpreter import map_runs, retries, side_by_side
from sandbox.corrections.stepfunctions.interpreter.failures import EvaluationFailed, failure
from sandbox.corrections.stepfunctions.interpreter.flow import Flow, flow_of
from sandbox.corrections.stepfunctions.interpreter.items import selected

NAMES = {
    "ministack.services.stepfunctions": "_execute_map _run_map_items _run_sub_machine _next_or_end "
    "_state_query_language _ExecutionError",
}
OVERRIDES = {
    "`_execute_map`": "objects are iterated, what is no array either is refused, `MaxConcurrencyPath`, Assign; the "
    "history has the events of the state and of its iterations, which ministack leaves out",
}
_MOST_AT_ONCE = 40


def execute_map(state: dict, given: Any, execution: dict, context: dict) -> tuple[Any, str | None]:
    """Run a Map state."""
    return retries.run(
        state,
        flow_of(state, given, context),
        context,
        lambda: stepfunctions._run_map_items(state, given, execution, context),
        lambda failure: history.give_up(execution, "Map", failure),
    )


def run_items(state: dict, given: Any, execution: dict, context: dict) -> tuple[Any, str | None]:
    """Run the iterations once."""
    flow = flow_of(state, given, context)
    processor = state.get("ItemProcessor") or state["Iterator"]
    distributed = (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
    items = None if distributed and "ItemReader" in state else _items(state, flow, given, context)
    history.write(execution, "MapStateStarted", {"length": len(items or [])})
    run = map_runs.MapRun if distributed else InlineMap
    result = run(state, processor, flow, execution, context).run(items)
    history.write(execution, "MapStateSucceeded")
    return flow.finish(result), stepfunctions._next_or_end(state)


def _items(state: dict, flow: Flow, given: Any, context: dict) -> list[Any] | dict[str, Any]:
    """The array or object to iterate over."""
    if stepfunctions._state_query_language(state, context) == "JSONata":
        if "Items" in state:
            items = flow.template(state["Items"], "Items", context)
            return items if isinstance(items, dict) else flow.field("Items", "array")
        if not isinstance(given, list | dict):
            shown = json.dumps(given, separators=(",", ":"))
            raise EvaluationFailed(f"Map state input must be an array but was: {shown}", "")
        return given
    path = state.get("ItemsPath", "$")
    try:
        items = workflow_paths.find(path, flow.arguments(), context)
    except workflow_paths.NotFound as error:
        raise failure(f"Invalid path '{path}' : {error}") from error
    if not isinstance(items, list | dict):
        raise failure(f'Reference path "{path}" must point to array.')
    return items


class InlineMap:
    """The iterations of a Map in its own execution."""

    def __init__(self, state: dict, processor: dict, flow: Flow, execution: dict, context: dict) -> None:
        self._state = state
        self._processor = processor
        self._flow = flow
        self._execution = execution
        self._context = context

    def run(self, items: list[Any] | dict[str, Any] | None) -> list[Any]:
        """Run an iteration for each item. Returns their results."""
        at_once = self._flow.field("MaxConcurrency", "integer") or 0
        if at_once < 0:
            raise failure("MaxConcurrency cannot be negative.")
        inputs = selected(self._state, self._flow, items or [], self._context)
        jobs = [partial(self._iteration, index, *each) for index, each in enumerate(inputs)]
        return side_by_side.run_all(self._execution, jobs, at_once or min(max(2, len(jobs)), _MOST_AT_ONCE))

    def _iteration(self, index: int, given: Any, context: dict) -> Any:
        which = {"name": self._context["State"]["Name"], "index": index}
        states, first = self._processor["States"], self._processor["StartAt"]
        history.write(self._execution, "MapIterationStarted", which)
        try:
            result = stepfunctions._run_sub_machine(states, first, given, self._execution, context)
        except stepfunctions._ExecutionError as error:
            end = "Aborted" if error.error == history.STOPPED else "Failed"
            history.write(self._execution, f"MapIteration{end}", which)
            raise
        history.write(self._execution, "MapIterationSucceeded", which)
        return result
