"""The Parallel state, and its events.

AWS Step Functions Developer Guide, "Parallel workflow state"; the events are recorded in localstack's snapshots.
"""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions import history
from sandbox.corrections.stepfunctions.interpreter import retries, side_by_side
from sandbox.corrections.stepfunctions.interpreter.flow import flow_of

NAMES = {
    "ministack.services.stepfunctions": "_execute_parallel _run_parallel_branches _run_sub_machine _next_or_end",
}
OVERRIDES = {
    "`_execute_parallel`": "the history has the events of the state and of the states in its branches, which ministack "
    "leaves out; Arguments, Output and Assign in JSONata",
}


def execute_parallel(state: dict, given: Any, execution: dict, context: dict) -> tuple[Any, str | None]:
    """Run a Parallel state."""
    return retries.run(
        state,
        flow_of(state, given, context),
        context,
        lambda: stepfunctions._run_parallel_branches(state, given, execution, context),
        lambda failure: history.give_up(execution, "Parallel", failure),
    )


def run_branches(state: dict, given: Any, execution: dict, context: dict) -> tuple[Any, str | None]:
    """Run each branch once, side by side."""
    flow = flow_of(state, given, context)
    history.write(execution, "ParallelStateStarted")
    arguments, branches = flow.arguments(), state["Branches"]
    jobs = [
        partial(
            stepfunctions._run_sub_machine,
            branch["States"],
            branch["StartAt"],
            copy.deepcopy(arguments),
            execution,
            context,
        )
        for branch in branches
    ]
    results = side_by_side.run_all(execution, jobs, max(2, len(jobs)))
    history.write(execution, "ParallelStateSucceeded")
    return flow.finish(results), stepfunctions._next_or_end(state)
