"""Step Functions' optimized integrations that run jobs, with and without `.sync`.

Source: AWS Step Functions Developer Guide, "Create and manage Amazon SageMaker AI jobs with Step Functions".
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sandbox.frame.clock import with_epoch_millis
from sandbox.frame.errors import ApiError
from sandbox.frame.workflow_tasks import TaskAttempt, TaskFailed, TaskRunner
from sandbox.services.sagemaker.jobs.job import TERMINAL

_logger = logging.getLogger(__name__)

_PREFIX = "arn:aws:states:::sagemaker:"
_POLL = 0.05
_MANAGED = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}
_MODELLED = frozenset({"ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound"})


class Waited(Protocol):
    """A job as its task sees it."""

    name: str
    arn: str

    @property
    def status(self) -> str: ...


class Jobs(Protocol):
    """All jobs of one kind."""

    def find(self, name: str) -> Waited: ...


Call = Callable[[str, dict[str, Any]], dict[str, Any]]
"""(operation, parameters) -> its answer, as the role that this thread acts for. Raises ApiError."""


def tasks(call: Call, jobs: Mapping[str, Jobs]) -> dict[str, TaskRunner]:
    """The tasks by the ARN that a state's Resource begins with. `jobs` is by kind ("Training")."""
    return {f"{_PREFIX}create{kind}Job": JobTask(call, of_kind, kind) for kind, of_kind in jobs.items()}


class JobTask:
    """The task of a job. With `.sync` it waits for the job's end, or stops it when aborted."""

    def __init__(self, call: Call, jobs: Jobs, kind: str) -> None:
        self._call_as_role, self._jobs, self._kind = call, jobs, kind

    def __call__(self, resource_arn: str, arguments: dict[str, Any], attempt: TaskAttempt) -> dict[str, Any]:
        """The answer of Create, or what Describe says of a completed job. Raises TaskFailed."""
        if not resource_arn.endswith(".sync"):
            return self._call("Create", arguments)
        attempt.submitted(self._call("Create", {**arguments, "Tags": [*arguments.get("Tags", []), _MANAGED]}))
        job = self._jobs.find(arguments[f"{self._kind}JobName"])
        while job.status not in TERMINAL:
            if attempt.aborted.wait(_POLL):
                self._stop(job.name)
                raise TaskFailed("States.TaskFailed", f"The task was aborted; {job.arn} is being stopped")
        description = with_epoch_millis(self._call("Describe", {f"{self._kind}JobName": job.name}))
        if job.status != "Completed":
            raise TaskFailed("States.TaskFailed", json.dumps(description))
        return description

    def _call(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """As the execution's role. Raises TaskFailed."""
        try:
            return self._call_as_role(f"{verb}{self._kind}Job", arguments)
        except ApiError as error:
            raise TaskFailed(_error_name(error), _cause(error)) from error

    def _stop(self, name: str) -> None:
        """As the execution's role. AWS does its best, too: a job that it may not stop runs on."""
        try:
            self._call_as_role(f"Stop{self._kind}Job", {f"{self._kind}JobName": name})
        except ApiError as refusal:  # or it has ended meanwhile
            _logger.warning("%s was not stopped: %s", name, refusal.message)


def _error_name(error: ApiError) -> str:
    """The error's name: its own, where the API models it, or the service's general exception."""
    name = f"{error.code}Exception" if error.code in _MODELLED else "AmazonSageMakerException"
    return f"SageMaker.{name}"


def _cause(error: ApiError) -> str:
    return (
        f"{error.message} (Service: AmazonSageMaker; Status Code: {error.status}; Error Code: {error.code}; "
        f"Request ID: {uuid.uuid4()}; Proxy: null)"
    )
