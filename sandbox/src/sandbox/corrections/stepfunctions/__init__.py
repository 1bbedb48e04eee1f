"""Corrections of ministack's Step Functions: roles, the end of executions, and their history."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.corrections.stepfunctions import (
    data_limits,
    executions,
    history,
    interpreter,
    log_delivery,
    making,
    requests,
    starting,
    tested_states,
)
from sandbox.corrections.stepfunctions.integrations import (
    add_task,
    role_of_execution,
    run_workflows_as_their_roles,
    set_sdk_tasks,
)
from sandbox.corrections.stepfunctions.log_groups import write_events_to_log_groups
from sandbox.corrections.stepfunctions.machines import check_machines
from sandbox.frame.permissions import Credentials

__all__ = ["add_task", "check_machines", "role_of_execution", "run_as_aws_does"]

Assume = Callable[[str, str, str, str], Credentials]
SdkTasks = Callable[[str, str, dict, Credentials], dict]


def run_as_aws_does(assume: Assume, sdk_tasks: SdkTasks) -> None:
    """Run executions with credentials from ``assume``, and ``aws-sdk`` tasks by ``sdk_tasks``."""
    interpreter.install()
    run_workflows_as_their_roles(assume)
    history.install()
    executions.install()
    data_limits.install()
    write_events_to_log_groups()
    log_delivery.install()
    making.install()
    starting.install()
    tested_states.install()
    requests.install()
    set_sdk_tasks(sdk_tasks)
