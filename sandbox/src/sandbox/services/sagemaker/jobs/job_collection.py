"""All jobs of one kind, by name; a name is never free again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from sandbox.frame.errors import ValidationException
from sandbox.services.sagemaker.errors import ResourceInUse
from sandbox.services.sagemaker.jobs.job import Job, announce
from sandbox.services.sagemaker.jobs.past_job import PastJob

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

_LONGEST_CLOSE = 2.0

J = TypeVar("J", bound=Job)


class JobCollection(Generic[J]):
    """What training and processing jobs have in common as collections; the sentences are AWS's and differ."""

    kind: ClassVar[str]
    taken: ClassVar[str]
    missing: ClassVar[str]

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._jobs: dict[str, J | PastJob] = {}

    def find(self, name: str) -> J | PastJob:
        """The job of this name. Raises ValidationException, as AWS does."""
        with self._lock:
            if name not in self._jobs:
                raise ValidationException(self.missing.format(name=name))
            return self._jobs[name]

    def all(self) -> list[J | PastJob]:
        """Every job, oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def require_new(self, name: str, arn: str) -> None:
        """Raise ResourceInUse if the name was ever used."""
        with self._lock:
            self._require_new(name, arn)

    def add(self, job: J) -> None:
        """Keep and start a job. Raises ResourceInUse if the name was taken meanwhile."""
        with self._lock:
            self._require_new(job.name, job.arn)
            self._jobs[job.name] = job
        job.emit()
        job.start()

    def close(self) -> None:
        """Kill the process of every job, and see them gone."""
        jobs = [job for job in self.all() if not isinstance(job, PastJob)]
        for job in jobs:
            job.execution.kill()
        for job in jobs:
            job.execution.await_end(_LONGEST_CLOSE)

    def state(self) -> dict[str, dict[str, Any]]:
        return {job.name: job.describe() for job in self.all()}

    def restore(self, state: dict[str, dict[str, Any]]) -> None:
        self._jobs.update({name: PastJob(self.kind, description) for name, description in state.items()})

    def resume(self) -> None:
        """Tell the event bus of the jobs that the sandbox's end cut off."""
        for job in self.all():
            if isinstance(job, PastJob) and job.cut_off:
                announce(self.service, job.kind, job.describe())

    def _require_new(self, name: str, arn: str) -> None:
        if name in self._jobs:
            raise ResourceInUse(self.taken.format(arn=arn))
