"""The cleanup after an interruption: nothing runs on, and the next run works."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from signal import SIG_IGN, SIGINT, SIGTERM, signal

from botocore.exceptions import BotoCoreError, ClientError

from demo import sandbox
from demo.processes import CommandFailed
from demo.run import Run
from operations.aws.connection import Connection
from operations.deployed.stacks import outputs
from operations.errors import OperationError
from operations.workflows import executions
from specs import names

STACK_SECONDS = 60.0


def after_interrupt(run: Run, say: Callable[[str], None]) -> None:
    """Stop the run's execution with its job, then the sandbox if the run started it."""
    with _uninterrupted():
        try:
            if sandbox.running(run.root):
                _stop_work(run, say)
            if run.sandbox_is_ours:
                say("Stopping the sandbox ...")
                sandbox.down(run.root, lambda line: None)
        except (OperationError, ClientError, BotoCoreError, CommandFailed) as failure:
            say(f"Stopped, but the cleanup failed: {failure}")


def busy(connection: Connection) -> list[str]:
    """The environment's stacks with a running operation. A stack in review has only a change set: it is idle."""
    found = connection.client("cloudformation").get_paginator("describe_stacks").paginate()
    return [
        stack["StackName"]
        for page in found
        for stack in page["Stacks"]
        if stack["StackName"].startswith(names.prefix(connection.environment.name))
        and stack["StackStatus"].endswith("_IN_PROGRESS")
        and stack["StackStatus"] != "REVIEW_IN_PROGRESS"
    ]


def _stop_work(run: Run, say: Callable[[str], None]) -> None:
    for arn in _started_by(run):
        say("Stopping the execution and its job ...")
        executions.stop(run.connection, arn, "make demo was interrupted")
    if run.sandbox_is_ours:
        return  # the next start of the sandbox rolls back what is under way
    deadline = time.monotonic() + STACK_SECONDS
    while (stacks := busy(run.connection)) and time.monotonic() < deadline:
        say(f"Waiting for {', '.join(stacks)} ...")
        time.sleep(2)


def _started_by(run: Run) -> list[str]:
    """The running executions that began during this run; those of others go on."""
    environment, model = run.environment.name, run.model.name
    stacks = (names.training_stack(environment, model), names.release_stack(environment, model))
    workflows = [(outputs(run.connection, stack) or {}).get("StateMachineArn") for stack in stacks]
    found = [arn for workflow in workflows if workflow for arn in executions.running(run.connection, workflow)]
    return [arn for arn in found if executions.describe(run.connection, arn).started >= run.began]


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore a second Ctrl-C during the cleanup. All waits inside are limited."""
    before = {signum: signal(signum, SIG_IGN) for signum in (SIGINT, SIGTERM)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal(signum, handler)
