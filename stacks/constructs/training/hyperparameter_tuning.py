"""Searching for hyperparameters before training, where the execution asks for it (docs/decisions/0016)."""

from __future__ import annotations

import json

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from specs import Candidate
from specs.fields import MOST_TRIALS
from stacks.constructs.jobs.job_facts import tuning_facts
from stacks.constructs.jobs.job_task import JobSettings
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.statements import allow, arn, pass_role
from stacks.constructs.training.execution_input import TUNE
from stacks.constructs.training.tuning_request import alike, request
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import fail, jsonata

# One entry of `trials` for a HyperParameterTrainingJobSummary; an absent value would drop its key.
_TRIAL = (
    "function($trial) {"
    " ($metric := $trial.FinalHyperParameterTuningJobObjectiveMetric.Value;"
    " $began := $trial.TrainingStartTime; $ended := $trial.TrainingEndTime;"
    " {'job': $trial.TrainingJobName, 'status': $trial.TrainingJobStatus,"
    " 'objective': $exists($metric) ? $metric : null,"
    " 'seconds': $exists($began) and $exists($ended) ? ($toMillis($ended) - $toMillis($began)) / 1000 : 0,"
    " 'hyperparameters': $trial.TunedHyperParameters}) }"
)
_FOUND = "$tuning.status = 'Completed' and $tuning.best != ''"
_STOPPED = "$tuning.status in ['Stopped', 'Stopping']"


class HyperparameterTuning(Construct):
    """From `start` to `then`; an execution that asks for a search gets the best trial's values in `$hyperparameters`.

    `$search` is what execution.json says of it, an empty object without a search. A search that finds nothing ends the
    execution: training on with the declared values would be another training than was asked for.
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
        tuning = settings.model.training.tuning
        if tuning is None:
            raise ValueError(f"{settings.model.name} declares no tuning")
        self._settings, self._tuning, self._candidates = settings, tuning, candidates
        self._acknowledge()
        failed = fail(
            self, "Tuning failed", error="TuningFailed", cause="'the search found nothing: ' & $tuning.reason"
        )
        stopped = fail(
            self,
            "Tuning was stopped",
            error="TuningStopped",
            cause="'the tuning job ' & $tuning.name & ' was stopped'",
        )
        tune, look, trials, costs = self._tune(), self._look(), self._trials(), self._costs()
        tune.add_catch(
            look,
            errors=["States.ALL"],
            assign={"tuning": {"name": "", "status": "Refused", "reason": jsonata("$states.errorOutput.Cause")}},
        )
        tune.next(look)
        # A job that was never made cannot be described: what Create said is the reason.
        look.add_catch(failed, errors=["States.ALL"])
        look.next(
            sfn.Choice(self, "How did the search end?")
            .when(sfn.Condition.jsonata(jsonata(_FOUND)), trials)
            .when(sfn.Condition.jsonata(jsonata(_STOPPED)), stopped)
            .otherwise(failed)
        )
        trials.next(costs)
        note = self._note()
        costs.next(note)
        note.next(then)
        wanted = sfn.Choice(self, "Is there a search?")
        wanted.when(sfn.Condition.jsonata(jsonata(TUNE)), tune).otherwise(then)
        self.start = wanted

    def _arn(self, kind: str) -> str:
        return arn(self._settings.workflow_role, "sagemaker", f"{kind}/{self._settings.tuning_prefix}*")

    def _acknowledge(self) -> None:
        acknowledge_wildcards(
            self._settings.workflow_role,
            "The names of jobs end with a hash of their execution",
            *(self._arn(kind) for kind in ("hyper-parameter-tuning-job", "training-job")),
        )

    def _tune(self) -> Task:
        """Source of the permissions: Step Functions Developer Guide, "Tune the hyperparameters of a machine learning
        model", whose rule is ...SageMakerTuningJobsRule; the training jobs are made by SageMaker itself.
        """
        scope, job = self._settings.workflow_role, "HyperParameterTuningJob"
        rule = arn(scope, "events", "rule/StepFunctionsGetEventsForSageMakerTuningJobsRule")
        actions = [f"sagemaker:{verb}{job}" for verb in ("Create", "Describe", "Stop")]
        return Task(
            self,
            "Tune",
            role=scope,
            resource="sagemaker:createHyperParameterTuningJob.sync",
            arguments={
                "HyperParameterTuningJobName": self._settings.tuning_job_name(),
                **request(self._settings, self._tuning, self._candidates),
            },
            statements=[
                allow([*actions, "sagemaker:AddTags"], [self._arn("hyper-parameter-tuning-job")]),
                allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], [rule]),
                pass_role(self._settings.role, "sagemaker.amazonaws.com"),
            ],
        )

    def _look(self) -> Task:
        result = "$states.result"
        counted = f"$string($sum($each({result}.TrainingJobStatusCounters, function($count) {{ $count }})))"
        none = f"'of ' & {counted} & ' training jobs none completed with a value of {self._tuning.objective}'"
        best = f"{result}.BestTrainingJob"
        return Task(
            self,
            "What did the search find?",
            role=self._settings.workflow_role,
            resource="aws-sdk:sagemaker:describeHyperParameterTuningJob",
            arguments={"HyperParameterTuningJobName": self._settings.tuning_job_name()},
            statements=[
                allow(["sagemaker:DescribeHyperParameterTuningJob"], [self._arn("hyper-parameter-tuning-job")])
            ],
            assign={
                "tuning": {
                    "name": jsonata(f"{result}.HyperParameterTuningJobName"),
                    "status": jsonata(f"{result}.HyperParameterTuningJobStatus"),
                    "reason": jsonata(f"$exists({result}.FailureReason) ? {result}.FailureReason : {none}"),
                    "best": jsonata(f"$exists({best}) ? {best}.TrainingJobName : ''"),
                    "values": jsonata(f"$exists({best}) ? {best}.TunedHyperParameters : {{}}"),
                    "started": jsonata(f"{result}.CreationTime"),
                    "ended": jsonata(
                        f"$exists({result}.HyperParameterTuningEndTime) ? {result}.HyperParameterTuningEndTime"
                        f" : {result}.CreationTime"
                    ),
                }
            },
        )

    def _trials(self) -> Task:
        return Task(
            self,
            "List the trials",
            role=self._settings.workflow_role,
            resource="aws-sdk:sagemaker:listTrainingJobsForHyperParameterTuningJob",
            arguments={
                "HyperParameterTuningJobName": jsonata("$tuning.name"),
                "SortBy": "CreationTime",
                "SortOrder": "Ascending",
                "MaxResults": MOST_TRIALS,
            },
            statements=[
                allow(
                    ["sagemaker:ListTrainingJobsForHyperParameterTuningJob"], [self._arn("hyper-parameter-tuning-job")]
                )
            ],
            assign={"trials": jsonata(f"[$map($states.result.TrainingJobSummaries, {_TRIAL})]")},
        )

    def _costs(self) -> sfn.Map:
        """What each trial is billed for: a trial's summary does not say it."""
        result = "$states.result"
        describe = Task(
            self,
            "What did the trial cost?",
            role=self._settings.workflow_role,
            resource="aws-sdk:sagemaker:describeTrainingJob",
            arguments={"TrainingJobName": jsonata("$states.input")},
            statements=[allow(["sagemaker:DescribeTrainingJob"], [self._arn("training-job")])],
            output={
                "instance_type": jsonata(f"{result}.ResourceConfig.InstanceType"),
                "seconds": jsonata(f"$exists({result}.TrainingTimeInSeconds) ? {result}.TrainingTimeInSeconds : 0"),
                "billable_seconds": jsonata(
                    f"$exists({result}.BillableTimeInSeconds) ? {result}.BillableTimeInSeconds : 0"
                ),
                "interruptions": jsonata(f"$count({result}.SecondaryStatusTransitions[Status = 'Interrupted'])"),
            },
        )
        costs = sfn.Map(
            self,
            "Look at each trial",
            items=sfn.ProvideItems.jsonata(jsonata("[$trials.job]")),
            max_concurrency=4,
            assign={"costs": jsonata("$states.result")},
            outputs={},
        )
        costs.item_processor(describe)
        return costs

    def _note(self) -> sfn.Pass:
        """The best trial's values become those of the training; numbers of the search are kept for the report."""
        tuning = self._tuning
        declared = {
            "strategy": tuning.strategy.capitalize(),
            "objective": tuning.objective,
            "goal": tuning.goal,
            "ranges": {name: found.model_dump(exclude_none=True) for name, found in sorted(tuning.ranges.items())},
        }
        own = "{'job': $tuning.name, 'trials': $trials, 'best': $tuning.best}"
        return sfn.Pass(
            self,
            "Take the best",
            assign={
                "search": jsonata(f"$merge([{json.dumps(declared)}, {own}])"),
                "hyperparameters": jsonata("$merge([$hyperparameters, $tuning.values])"),
                "jobs": jsonata(f"$append($jobs, {tuning_facts(self._settings, alike(self._candidates))})"),
            },
        )
