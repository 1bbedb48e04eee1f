"""The life that training and processing jobs share: a description, a thread, a folder, a process, events."""

from __future__ import annotations

import copy
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from sandbox.faults import Faults
from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.permissions import Credentials
from sandbox.machines.containers.container import Container
from sandbox.services.sagemaker.base.capacity import Demand
from sandbox.services.sagemaker.jobs.cluster import Cluster, folder_of
from sandbox.services.sagemaker.jobs.execution import INTERRUPTED, Execution, Limit, Outcome, Watchers
from sandbox.services.sagemaker.jobs.host_traffic import blocked
from sandbox.services.sagemaker.jobs.job_events import JobEvents
from sandbox.services.sagemaker.jobs.mishaps import Mishaps
from sandbox.services.sagemaker.jobs.utilization import Utilization
from sandbox.services.sagemaker.jobs.volumes import INSUFFICIENT, Volumes

TERMINAL = frozenset({"Completed", "Failed", "Stopped"})
INTERNAL_ERROR = "InternalServerError: We encountered an internal error. Please try again."
_LONGEST_REASON = 1024

_logger = logging.getLogger(__name__)


class JobFailed(Exception):
    """When a job ends as Failed; the message is its FailureReason."""


class Job(ABC):
    """One job. Its description is what Describe answers; only `change` writes to it."""

    kind: ClassVar[str]
    """"Training" or "Processing", as members and events spell it."""
    namespace: ClassVar[str]
    """The name of its log group, and of the namespace of its metrics."""

    def __init__(self, host: Host, events: JobEvents, description: dict[str, Any], credentials: Credentials) -> None:
        self.host = host
        self.faults = Faults(host.home)
        self.credentials = credentials
        self._events = events
        self.name: str = description[f"{self.kind}JobName"]
        self.arn: str = description[f"{self.kind}JobArn"]
        folder = folder_of(self.host, self.kind, self.name)
        self.cluster = Cluster(folder, self.instance_count(description), self.read_line)
        self._lock = threading.Lock()
        self._description = {**description, "CreationTime": now(), "LastModifiedTime": now()}
        self.execution = Execution()
        folders = {instance.name: instance.container.base for instance in self.cluster.instances}
        self.volumes = Volumes(self.faults, self.name, folders)

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
        self._events.send(self.kind, self.arn, self.describe())

    @property
    @abstractmethod
    def demand(self) -> Demand:
        """The instances that it wants."""

    @staticmethod
    @abstractmethod
    def instance_count(description: dict[str, Any]) -> int:
        """The number of instances that the request asks for."""

    def read_line(self, line: str) -> None:  # noqa: B027  (only training jobs read metrics)
        """Take one line that an instance printed; its log has it already."""

    @abstractmethod
    def work(self) -> str:
        """Everything from download to upload; returns the terminal status. Raises JobFailed."""

    @abstractmethod
    def end(self, status: str, failure_reason: str | None) -> None:
        """Write the terminal status."""

    def announce_end(self, reason: str) -> None:
        """Mark the job as stopping at a limit. An interrupted job goes on."""
        with self._lock:
            if self.status == "Stopping" or reason == INTERRUPTED:
                return
            self._mark_stopping()
        self.emit()

    def require_room(self, what: str) -> None:
        """Raise JobFailed if a disk of the job is full."""
        if self.volumes.full():
            raise JobFailed(f"ClientError: {what}{INSUFFICIENT}")

    def _require_traffic(self) -> None:
        """Raise JobFailed if the security groups keep the hosts of the job apart."""
        if len(self.cluster.instances) == 1:
            return
        if reason := blocked(self.host, self._description):
            raise JobFailed(reason)

    def run_programs(self, specification: dict[str, Any], limits: Sequence[Limit], gigabytes: int) -> Outcome:
        """Run and watch the container of every instance to its end, then close the logs."""
        folders = {instance.name: instance.container.base for instance in self.cluster.instances}
        utilization = Utilization(self.host, self.namespace, self.name, folders, gigabytes)
        try:
            programs = self.cluster.programs(specification, self._environment, self.arn)
            mishaps = Mishaps(self.faults, self.name, self.demand, self.volumes)
            return self.execution.run(programs, limits, self.announce_end, Watchers(utilization, mishaps))
        finally:
            self.cluster.close_logs()
            utilization.close()

    def _environment(self, container: Container) -> dict[str, str]:
        kind = self.kind.upper()
        names = {f"{kind}_JOB_NAME": self.name, f"{kind}_JOB_ARN": self.arn}
        return container.environment(self.host, self.credentials, {**names, **self._description.get("Environment", {})})

    def _change(self, members: dict[str, Any]) -> None:
        self._description.update(members, LastModifiedTime=now())

    def _mark_stopping(self) -> None:
        self._change({f"{self.kind}JobStatus": "Stopping"})

    def _run(self) -> None:
        status, reason = self._outcome()
        if self.execution.killed:  # the sandbox is going down
            return
        if status != "Failed":  # the folder of a failed job is kept for a person who looks into it
            self.cluster.remove()
        self.end(status, reason)

    def _outcome(self) -> tuple[str, str | None]:
        """The terminal status and the failure's reason."""
        try:
            self._require_traffic()
            return self.work(), None
        except JobFailed as failure:
            return "Failed", str(failure)[:_LONGEST_REASON]
        except Exception as error:
            _logger.exception("%s", self.arn)
            return "Failed", f"{INTERNAL_ERROR} ({error!r})"[:_LONGEST_REASON]
