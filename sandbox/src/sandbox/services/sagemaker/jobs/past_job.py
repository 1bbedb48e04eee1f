"""A job of an earlier run of the sandbox, with only its description left.

One that was still running lost its processes with that run. It has failed as a job does on AWS when the service's own
machines fail ("InternalServerError"), or is stopped where that had been asked for.
"""

from __future__ import annotations

import copy
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.services.sagemaker.jobs.job import INTERNAL_ERROR, TERMINAL
from sandbox.services.sagemaker.jobs.training_status import enter


class PastJob:
    """A job that is described and listed like any other, and does not run."""

    def __init__(self, kind: str, description: dict[str, Any]) -> None:
        self.kind = kind
        self._description = description
        self.name: str = description[f"{self.kind}JobName"]
        self.arn: str = description[f"{self.kind}JobArn"]
        self.cut_off = self.status not in TERMINAL
        if self.cut_off:
            self._end("Stopped" if self.status == "Stopping" else "Failed")

    @property
    def status(self) -> str:
        return self._description[f"{self.kind}JobStatus"]

    def describe(self) -> dict[str, Any]:
        """A copy of the description."""
        return copy.deepcopy(self._description)

    def stop(self) -> None:
        """Raises ValidationException: it has ended."""
        raise ValidationException(
            f"The request was rejected because the {self.kind.lower()} job is in status {self.status}."
        )

    def _end(self, status: str) -> None:
        moment = now()
        self._description |= {f"{self.kind}JobStatus": status, "LastModifiedTime": moment}
        if status == "Failed":
            self._description["FailureReason"] = INTERNAL_ERROR
        if f"{self.kind}StartTime" in self._description:
            self._description[f"{self.kind}EndTime"] = moment
        if "SecondaryStatusTransitions" in self._description:
            enter(self._description, status)
