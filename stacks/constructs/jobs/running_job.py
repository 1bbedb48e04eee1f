"""The way back to a look at a job that runs although its task failed.

A throttled task may fail after its job was made; the next attempt at Create then meets a name in use.
"""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.workflows.choice import Branch
from stacks.constructs.workflows.jsonata import Jsonata
from stacks.constructs.workflows.states import Wait

FIRST_PAUSE = 1
# Twice as long each time, up to five minutes: jobs may run for days, and the history of an execution is finite.
_LONGER = {"pause": Jsonata("$min([300, $pause * 2])")}


def is_running(status: Jsonata | str) -> Jsonata:
    """The condition that a job has not ended."""
    return Jsonata(f"{status} in ['InProgress', 'Stopping']")


def still_running(scope: Construct, id_: str, *, status: Jsonata, look: sfn.CustomState) -> Branch:
    """A branch that waits for `$pause` seconds and looks again."""
    wait = Wait(scope, id_, seconds=Jsonata("$pause"))
    wait.next(look)
    return Branch(is_running(status), wait, assign=_LONGER)
