"""Executions as AWS runs them: the states of ministack's Step Functions, replaced one by one.

ministack keeps the API, the integrations and the evaluation of JSONata; see docs/decisions/0033.
"""

from __future__ import annotations

from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions.interpreter import (
    callbacks,
    choices,
    expressions,
    intrinsic_functions,
    maps,
    nested_executions,
    parallels,
    retries,
    simple_states,
    tasks,
    templates,
    walk,
)


def install() -> None:
    """Replace ministack's states, paths and templates."""
    replaced = {
        "_run_execution": walk.run_execution,
        "_run_sub_machine": walk.run_branch,
        "_execute_pass": simple_states.execute_pass,
        "_execute_wait": simple_states.execute_wait,
        "_execute_choice": choices.execute_choice,
        "_execute_task": tasks.execute_task,
        "_execute_parallel": parallels.execute_parallel,
        "_run_parallel_branches": parallels.run_branches,
        "_execute_map": maps.execute_map,
        "_run_map_items": maps.run_items,
        "_fail_state_error": simple_states.fail_state_error,
        "_nested_execution_failure": nested_executions.failure,
        "_start_sync_execution": nested_executions.start_sync_execution(stepfunctions._start_sync_execution),
        "_invoke_activity": callbacks.invoke_activity,
        "_get_activity_task": callbacks.get_activity_task(stepfunctions._get_activity_task),
        "_error_matches": retries.error_matches(stepfunctions._error_matches),
        "_evaluate_intrinsic": intrinsic_functions.evaluate,
        "_resolve_path_or_ctx": templates.at_path,
        "_resolve_params_obj": templates.filled,
        "_apply_output_path": templates.output_of(stepfunctions._apply_output_path),
        "_apply_state_assign": expressions.assign,
    }
    for name, function in replaced.items():
        setattr(stepfunctions, name, function)
