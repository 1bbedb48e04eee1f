"""One rung of the ladder: a training job on one candidate, and a look at how it ended."""

from __future__ import annotations

from constructs import Construct

from specs import Candidate
from stacks.constructs.jobs.job_facts import refused_facts, training_facts
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.jobs.running_job import is_running, still_running
from stacks.constructs.jobs.training_task import TrainingTask
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import ERROR_CAUSE, RESULT, Jsonata, first_of, literal
from stacks.constructs.workflows.states import Fail, Pass, catch
from stacks.constructs.workflows.task import Task

QUOTA = "SageMaker.ResourceLimitExceededException"
# DescribeTrainingJob decides: how `.sync` ends for a stopped job is not documented.
COMPLETED = Jsonata("$job.status = 'Completed'")
# At its beginning: a sentence of our own code may hold the word too.
NO_CAPACITY = Jsonata("$job.status = 'Failed' and $substring($job.reason, 0, 13) = 'CapacityError'")
NO_SPOT = Jsonata("$job.status = 'Stopped' and $job.secondary = 'MaxWaitTimeExceeded'")
STOPPED = Jsonata("$job.status = 'Stopped'")
REFUSED = {"status": "Refused", "reason": ERROR_CAUSE, "name": "", "secondary": ""}


class Rung(Construct):
    """Leaves when the job is Completed. Without compute it ends in `go_on`, which leads to the next rung."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: JobSettings,
        candidate: Candidate,
        index: int,
        failed: Fail,
        stopped: Fail,
    ) -> None:
        super().__init__(scope, id_)
        self._settings, self._candidate, self._index = settings, candidate, index
        self._label = f"{candidate.instance_type} {candidate.purchase}"
        train = TrainingTask(self, f"Train {index}: {self._label}", settings=settings, candidate=candidate, index=index)
        look, self.go_on, completed = self._look(), self._go_on(), Branch(COMPLETED)
        self._catch_quota(train)
        catch(train, look, assign={"job": REFUSED})
        train.next(look)
        # A job that was never made cannot be described: the reason is in the error of CreateTrainingJob.
        catch(look, failed)
        look.next(
            Choice(
                self,
                f"How did {index} end?",
                completed,
                still_running(self, f"Wait for {index}", status=Jsonata("$job.status"), look=look),
                Branch(Jsonata(f"{NO_CAPACITY} or {NO_SPOT}"), self.go_on),
                Branch(STOPPED, stopped),
                Otherwise(failed),
            )
        )
        self.start, self.exits = train, [completed]

    def _catch_quota(self, train: TrainingTask) -> None:
        quota = Jsonata(f"'quota: ' & {ERROR_CAUSE}")
        refused = refused_facts(self._settings, self._candidate, quota)
        assign = {"job": {"reason": quota}, "jobs": Jsonata(f"$append($jobs, [{refused}])")}
        catch(train, self.go_on, errors=[QUOTA], assign=assign)

    def _go_on(self) -> Pass:
        tried = Jsonata(f"$append($tried, {literal(self._label)} & ': ' & $job.reason)")
        return Pass(self, f"Go on after {self._index}", assign={"tried": tried})

    def _look(self) -> Task:
        settings = self._settings
        described = {
            "name": Jsonata(f"{RESULT}.TrainingJobName"),
            "status": Jsonata(f"{RESULT}.TrainingJobStatus"),
            "secondary": Jsonata(f"{RESULT}.SecondaryStatus"),
            "reason": first_of(f"{RESULT}.FailureReason", f"{RESULT}.SecondaryStatus"),
            "artifact": Jsonata(f"$exists({RESULT}.ModelArtifacts) ? {RESULT}.ModelArtifacts.S3ModelArtifacts : ''"),
            "candidate": self._label,
        }
        facts, running = training_facts(settings, self._candidate), is_running(f"{RESULT}.TrainingJobStatus")
        return Task(
            self,
            f"How is {self._index}?",
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:describeTrainingJob",
            arguments={"TrainingJobName": settings.job_name(f"train-{self._index}")},
            statements=[],  # the task that trains has the right already
            assign={
                "job": described,
                "jobs": Jsonata(f"$append($jobs, {running} ? [] : [{facts}])"),
            },
        )
