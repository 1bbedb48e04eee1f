"""The log of each step of a model: of its last training, its last release, its endpoint.

Sources: Amazon SageMaker AI Developer Guide, "Log groups and streams that Amazon SageMaker AI sends to Amazon
CloudWatch Logs" (a job's streams begin with its name, an endpoint's with its variant), and AWS Step Functions
Developer Guide, "Using CloudWatch Logs to log execution history in Step Functions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from operations.aws.connection import Connection
from operations.aws.log_lines import Line, Log, Matches, Streams
from operations.deployed import stacks
from operations.errors import BadInput
from operations.workflows import executions, history, job_log, jobs, releases, training
from specs import ModelSpec, names


class Step(StrEnum):
    """The subject of a log. The first four are jobs of the last training; a search has one for each trial."""

    PREPARE = "prepare"
    TUNE = "tune"
    TRAIN = "train"
    EVALUATE = "evaluate"
    TRACK = "track"
    WORKFLOW = "workflow"
    RELEASE = "release"
    ENDPOINT = "endpoint"


_TRIAL = re.compile(r"-(\d{3})-[0-9a-f]+$")
_VENDED = "/aws/vendedlogs/"


@dataclass(frozen=True)
class StepLog:
    """A log, and the execution that writes it: None for an endpoint, which writes until it is deleted."""

    subject: str
    logs: tuple[Log, ...]
    execution: str | None = None
    job_prefix: str = ""
    """The start of the names of the step's jobs; empty for a log that is of more than one step, or of no job."""
    label: Callable[[str], str] = str
    """The step and the host, or the instance, from a stream's name."""
    text: Callable[[str], str] = str
    """A line for people, from a line of the log."""

    def read(self) -> list[Line]:
        """At first the last lines of each stream, later those that are new."""
        return sorted((line for log in self.logs for line in log.read()), key=lambda line: line.time)

    def is_over(self, connection: Connection) -> bool:
        """Tell whether nothing more will be written."""
        if self.execution is None:
            return False
        found = executions.describe(connection, self.execution)
        if not found.running or not self.job_prefix:
            return not found.running
        return not jobs.any_active(connection, self.execution, found.started, self.job_prefix)


@dataclass(frozen=True)
class _Run:
    """An execution of a model's workflow, and the number of lines to read at first."""

    connection: Connection
    model: str
    subject: str
    arn: str
    last: int

    @property
    def environment(self) -> str:
        return self.connection.environment.name


def find(connection: Connection, model: ModelSpec, step: Step | None, last: int) -> StepLog:
    """The log of a step; without one, of all jobs of the last training. `last` lines of each stream are read at first.

    Raises ``BadInput`` for a step that the model does not have, ``Failed`` if there was no execution.
    """
    if step is Step.ENDPOINT:
        name = names.endpoint(connection.environment.name, model.name)
        return StepLog(f"The endpoint {name}", (Streams(connection, names.endpoint_logs(name), "", last),))
    if step is Step.RELEASE:
        arn = releases.newest(connection, model.name)
        run = _Run(connection, model.name, f"The last release of {model.name}", arn, last)
        return _workflow(run, names.release_stack(run.environment, model.name))
    arn = training.newest(connection, model.name)
    run = _Run(connection, model.name, f"The last training of {model.name}", arn, last)
    if step is Step.WORKFLOW:
        return _workflow(run, names.training_stack(run.environment, model.name))
    if step is Step.TRACK:
        return _track(run)
    if step is Step.TUNE and model.training.tuning is None:
        raise BadInput(f"{model.name} has no step tune: models/{model.name}.toml declares no [training.tuning].")
    return _jobs(run, step)


def with_lines(connection: Connection, model: ModelSpec) -> tuple[str, ...]:
    """The steps of the last training with a line in their log."""
    log = find(connection, model, None, 1)
    written = {log.label(line.stream).partition("/")[0].partition("-")[0] for line in log.read()}
    return tuple(step for step in Step if step in written)


def _jobs(run: _Run, step: Step | None) -> StepLog:
    """The streams of jobs: `digits-cnn--lgv67f-0123456789ab-train-0-0/algo-1-1767225600`."""
    digits = f"{jobs.digest(run.arn)[: names.JOB_DIGITS]}-"
    own = names.job_prefix(run.environment, run.model) + digits
    tuning = names.tuning_prefix(run.environment, run.model) + digits

    def label(stream: str) -> str:
        job, _, host = stream.partition("/")
        host = "-".join(host.split("-")[:2])
        if job.startswith(own):
            return f"{job.removeprefix(own).partition('-')[0]}/{host}"
        trial = _TRIAL.search(job)
        return f"tune-{trial[1]}/{host}" if trial else f"tune/{host}"

    training_jobs, processing_jobs = job_log.GROUPS["Training"], job_log.GROUPS["Processing"]
    if step is None:
        where = [(processing_jobs, own), (training_jobs, own), (training_jobs, tuning)]
    elif step is Step.TUNE:
        where = [(training_jobs, tuning)]
    else:
        where = [(training_jobs if step is Step.TRAIN else processing_jobs, f"{own}{step}-")]
    logs = tuple(Streams(run.connection, group, prefix, run.last) for group, prefix in where)
    return StepLog(run.subject, logs, run.arn, where[0][1] if step else "", label)


def _track(run: _Run) -> StepLog:
    """The function's log group. CloudFormation generates its name, and other executions write into it, too."""
    since = executions.describe(run.connection, run.arn).started
    stack = names.training_stack(run.environment, run.model)
    found = [item for item in stacks.resources(run.connection, stack) if item["ResourceType"] == "AWS::Logs::LogGroup"]
    groups = [item["PhysicalResourceId"] for item in found if not item["PhysicalResourceId"].startswith(_VENDED)]
    if not groups:
        raise BadInput(f"{run.model} has no step track: {run.environment} has no MLflow App.")
    return StepLog(run.subject, tuple(Streams(run.connection, each, "", run.last, since) for each in groups), run.arn)


def _workflow(run: _Run, stack: str) -> StepLog:
    """The events of an execution. All executions of its state machine share the log group."""
    since = executions.describe(run.connection, run.arn).started
    log = Matches(run.connection, names.workflow_logs(stack), executions.short_name(run.arn), run.last, since)
    return StepLog(run.subject, (log,), run.arn, label=lambda _: "", text=_event)


def _event(line: str) -> str:
    """An event of a workflow in one line: its type, its state, its error."""
    entry = json.loads(line)
    details = entry.get("details", {})
    error, cause = details.get("error"), details.get("cause")
    failure = history.failure(error, cause) if error or cause else ""
    return "  ".join(part for part in (entry["type"], details.get("name", ""), failure) if part)
