"""Training on the first compute candidate that can have it (docs/decisions/0002)."""

from __future__ import annotations

import json

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import Candidate
from stacks.constructs.jobs.job_facts import refused_facts, training_facts
from stacks.constructs.jobs.job_task import JobSettings, TrainingTask
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import fail, jsonata

QUOTA = "SageMaker.ResourceLimitExceededException"
# What decides is what DescribeTrainingJob says: how `.sync` ends for a stopped job is not documented.
COMPLETED = "$job.status = 'Completed'"
# At its beginning: a sentence of our own code may hold the word too.
NO_CAPACITY = "$job.status = 'Failed' and $substring($job.reason, 0, 13) = 'CapacityError'"
NO_SPOT = "$job.status = 'Stopped' and $job.secondary = 'MaxWaitTimeExceeded'"
STOPPED = "$job.status = 'Stopped'"


class CandidateLadder(Construct):
    """The states from the first candidate to ``then``; ``start`` is where to enter.

    Each candidate is tried once. The variables ``$job`` (name, status, reason, artifact, candidate) and ``$tried``
    (sentences) tell the states that follow what happened.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: JobSettings,
        candidates: tuple[Candidate, ...],
        then: sfn.IChainable,
    ) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self._then = then
        self._failed = fail(self, "Training failed", error="TrainingFailed", cause="$job.reason")
        self._stopped = fail(
            self,
            "Training was stopped",
            error="TrainingStopped",
            cause="'the job ' & $job.name & ' was stopped: ' & $job.secondary",
        )
        following: sfn.State = fail(
            self,
            "No candidate left",
            error="NoComputeCandidate",
            cause="'no compute candidate could train: ' & $join($tried, '; ')",
        )
        for index, candidate in reversed(list(enumerate(candidates))):
            following = self._rung(index, candidate, following)
        self.start = following

    def _rung(self, index: int, candidate: Candidate, following: sfn.State) -> sfn.State:
        label = f"{candidate.instance_type} {candidate.purchase}"
        train = TrainingTask(self, f"Train {index}: {label}", settings=self._settings, candidate=candidate, index=index)
        look = self._look(index, label, candidate)
        go_on = sfn.Pass(
            self,
            f"Go on after {index}",
            assign={"tried": jsonata(f"$append($tried, {json.dumps(label)} & ': ' & $job.reason)")},
        )
        quota = "'quota: ' & $states.errorOutput.Cause"
        train.add_catch(
            go_on,
            errors=[QUOTA],
            assign={
                "job": {"reason": jsonata(quota)},
                "jobs": jsonata(f"$append($jobs, [{refused_facts(self._settings, candidate, quota)}])"),
            },
        )
        refused = {"status": "Refused", "reason": jsonata("$states.errorOutput.Cause"), "name": "", "secondary": ""}
        train.add_catch(look, errors=["States.ALL"], assign={"job": refused})
        train.next(look)
        # A job that was never made cannot be described: what Create said is the reason.
        look.add_catch(self._failed, errors=["States.ALL"])
        outcome = sfn.Choice(self, f"How did {index} end?")
        outcome.when(sfn.Condition.jsonata(jsonata(COMPLETED)), self._then)
        outcome.when(sfn.Condition.jsonata(jsonata(f"{NO_CAPACITY} or {NO_SPOT}")), go_on)
        outcome.when(sfn.Condition.jsonata(jsonata(STOPPED)), self._stopped)
        outcome.otherwise(self._failed)
        look.next(outcome)
        go_on.next(following)
        return train

    def _look(self, index: int, label: str, candidate: Candidate) -> Task:
        name = self._settings.job_name(f"train-{index}")
        result = "$states.result"
        described = {
            "name": jsonata(f"{result}.TrainingJobName"),
            "status": jsonata(f"{result}.TrainingJobStatus"),
            "secondary": jsonata(f"{result}.SecondaryStatus"),
            "reason": jsonata(f"$exists({result}.FailureReason) ? {result}.FailureReason : {result}.SecondaryStatus"),
            "artifact": jsonata(f"$exists({result}.ModelArtifacts) ? {result}.ModelArtifacts.S3ModelArtifacts : ''"),
            "candidate": label,
        }
        return Task(
            self,
            f"How is {index}?",
            role=self._settings.workflow_role,
            resource="aws-sdk:sagemaker:describeTrainingJob",
            arguments={"TrainingJobName": name},
            statements=[
                allow(
                    ["sagemaker:DescribeTrainingJob"],
                    [arn(self, "sagemaker", f"training-job/{self._settings.model.name}-*")],
                )
            ],
            assign={
                "job": described,
                "jobs": jsonata(f"$append($jobs, [{training_facts(self._settings, candidate)}])"),
            },
        )
