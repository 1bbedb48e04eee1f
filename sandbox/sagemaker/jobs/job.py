"""The life that training and processing jobs share: a description, a thread, a folder, a process, events."""

from __future__ import annotations

import copy
import logging
import shutil
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.host import Credentials
from sandbox.sagemaker.api.clock import now, with_epoch_millis
from sandbox.sagemaker.api.errors import ValidationException
from sandbox.sagemaker.containers.container import Container, shell_safe
from sandbox.sagemaker.jobs.execution import Execution

if TYPE_CHECKING:
    from sandbox.sagemaker.service import SageMaker

TERMINAL = frozenset({"Completed", "Failed", "Stopped"})
_LONGEST_REASON = 1024

_logger = logging.getLogger(__name__)


class JobFailed(Exception):
    """When a job ends as Failed; the message is its FailureReason."""


class Job(ABC):
    """One job. Its description is what Describe answers; only `change` writes to it."""

    kind: ClassVar[str]
    """"Training" or "Processing", as members and events spell it."""

    def __init__(self, service: SageMaker, description: dict[str, Any], credentials: Credentials) -> None:
        self.service = service
        self.host = service.host
        self.credentials = credentials
        self.name: str = description[f"{self.kind}JobName"]
        self.arn: str = description[f"{self.kind}JobArn"]
        self.container = Container(shell_safe(self.host.home) / "jobs" / f"{self.kind.lower()}-job" / self.name)
        self._lock = threading.Lock()
        self._description = {**description, "CreationTime": now(), "LastModifiedTime": now()}
        self.execution = Execution(self.write_line)

    def start(self) -> None:
        threading.Thread(target=self._run, name=self.arn, daemon=True).start()

    def describe(self) -> dict[str, Any]:
        """A copy of the description."""
        with self._lock:
            return copy.deepcopy(self._description)

    @property
    def status(self) -> str:
        return self._description[f"{self.kind}JobStatus"]

    def stop(self) -> None:
        """Ask the job to stop. Raises ValidationException if it has ended; stopping twice is no fault."""
        with self._lock:
            if self.status in TERMINAL:
                raise ValidationException(
                    f"The request was rejected because the {self.kind.lower()} job is in status {self.status}."
                )
            if self.execution.stopping:
                return
            self.execution.stop()
            self._mark_stopping()
        self.emit()

    def change(self, **members: Any) -> None:
        """Write members of the description, and tell the event bus."""
        with self._lock:
            self._change(members)
        self.emit()

    def emit(self) -> None:
        """Publish the description as AWS does at every change of status."""
        detail = with_epoch_millis(self.describe())
        detail["Tags"] = {tag["Key"]: tag["Value"] for tag in self.service.tags.of(self.arn)}
        try:
            self.host.emit(f"SageMaker {self.kind} Job State Change", detail, [self.arn])
        except Exception:  # an event that is lost must not fail the job
            _logger.exception("no event of %s", self.arn)

    @abstractmethod
    def write_line(self, line: str) -> None:
        """Take one line of the container's output."""

    @abstractmethod
    def work(self) -> str:
        """Everything from download to upload; returns the terminal status. Raises JobFailed."""

    @abstractmethod
    def end(self, status: str, failure_reason: str | None) -> None:
        """Write the terminal status."""

    def _change(self, members: dict[str, Any]) -> None:
        self._description.update(members, LastModifiedTime=now())

    def _mark_stopping(self) -> None:
        self._change({f"{self.kind}JobStatus": "Stopping"})

    def _run(self) -> None:
        status, reason = self._outcome()
        if self.execution.killed:  # the sandbox is going down
            return
        if status != "Failed":  # what a failed job left is kept for whoever looks into it
            shutil.rmtree(self.container.base, ignore_errors=True)
        self.end(status, reason)

    def _outcome(self) -> tuple[str, str | None]:
        """The terminal status and the failure's reason."""
        try:
            shutil.rmtree(self.container.base, ignore_errors=True)
            self.container.path()
            return self.work(), None
        except JobFailed as failure:
            return "Failed", str(failure)[:_LONGEST_REASON]
        except Exception as error:
            _logger.exception("%s", self.arn)
            return "Failed", f"InternalServerError: {error!r}"[:_LONGEST_REASON]
