"""All jobs of one kind, by name; a name is never free again."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar

from sandbox.frame.host import Host
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.base.errors import ResourceInUse
from sandbox.services.sagemaker.jobs.job import Job
from sandbox.services.sagemaker.jobs.job_events import JobEvents
from sandbox.services.sagemaker.jobs.past_job import PastJob

_LONGEST_CLOSE = 2.0

J = TypeVar("J", bound=Job)


class JobCollection(Generic[J]):
    """The collections' common part for training and processing jobs. The sentences are AWS's and differ."""

    kind: ClassVar[str]
    taken: ClassVar[str]
    missing: ClassVar[str]

    def __init__(self, host: Host, tags: Tags) -> None:
        self._host, self._events = host, JobEvents(host, tags)
        self._arn = host.arn("sagemaker", f"{self.kind.lower()}-job/{{key}}")
        missing = refusal(self.missing)
        taken = refusal(f"{self.taken} ({self._arn})", ResourceInUse)
        self._store = Store[str, J | PastJob](tags, attrgetter("arn"), missing, taken)

    def find(self, name: str) -> J | PastJob:
        """The job of this name. Raises ValidationException, as AWS does."""
        return self._store.find(name)

    def close(self) -> None:
        """Kill the processes of every job, and wait until they are gone."""
        jobs = [job for job in self._store.all() if not isinstance(job, PastJob)]
        for job in jobs:
            job.execution.kill()
        for job in jobs:
            job.execution.await_end(_LONGEST_CLOSE)

    def state(self) -> dict[str, dict[str, Any]]:
        """The descriptions by name, for the state that survives the sandbox's end."""
        return {job.name: job.describe() for job in self._store.all()}

    def restore(self, state: dict[str, dict[str, Any]]) -> None:
        """Take the jobs of an earlier run, before the first request."""
        self._store.restore({name: PastJob(self.kind, description) for name, description in state.items()})

    def resume(self) -> None:
        """Send the events of the jobs that the sandbox's end cut off."""
        for job in self._store.all():
            if isinstance(job, PastJob) and job.cut_off:
                self._events.send(job.kind, job.arn, job.describe())

    def _start(self, job: J, tags: list[dict[str, str]]) -> None:
        """Keep and start a new job. Raises ResourceInUse if its name was taken meanwhile."""
        self._store.add(job.name, job, tags)
        job.emit()
        job.start()
