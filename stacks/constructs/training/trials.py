"""The trials of a search: their list, and the billed time of each."""

from __future__ import annotations

from constructs import Construct

from specs.fields import MOST_TRIALS
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.security.statements import allow
from stacks.constructs.workflows.jsonata import RESULT, Jsonata, first_of
from stacks.constructs.workflows.states import Map
from stacks.constructs.workflows.task import Task

# One entry of `trials` for a HyperParameterTrainingJobSummary; an absent value would drop its key.
_TRIAL = Jsonata(
    "function($trial) {"
    " ($metric := $trial.FinalHyperParameterTuningJobObjectiveMetric.Value;"
    " $began := $trial.TrainingStartTime; $ended := $trial.TrainingEndTime;"
    " {'job': $trial.TrainingJobName, 'status': $trial.TrainingJobStatus,"
    " 'objective': $exists($metric) ? $metric : null,"
    " 'seconds': $exists($began) and $exists($ended) ? ($toMillis($ended) - $toMillis($began)) / 1000 : 0,"
    " 'hyperparameters': $trial.TunedHyperParameters}) }"
)


class Trials(Construct):
    """Leaves with `$trials` and `$costs`, for the tuning job in `$tuning`."""

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings) -> None:
        super().__init__(scope, id_)
        costs = self._costs(settings)
        self.start = self._list(settings)
        self.start.next(costs)
        self.exits = [costs]

    def _list(self, settings: JobSettings) -> Task:
        return Task(
            self,
            "List the trials",
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:listTrainingJobsForHyperParameterTuningJob",
            arguments={
                "HyperParameterTuningJobName": Jsonata("$tuning.name"),
                "SortBy": "CreationTime",
                "SortOrder": "Ascending",
                "MaxResults": MOST_TRIALS,
            },
            statements=[
                allow(
                    ["sagemaker:ListTrainingJobsForHyperParameterTuningJob"],
                    [settings.tuning_arn("hyper-parameter-tuning-job")],
                )
            ],
            assign={"trials": Jsonata(f"[$map({RESULT}.TrainingJobSummaries, {_TRIAL})]")},
        )

    def _costs(self, settings: JobSettings) -> Map:
        """The billed time of each trial: a trial's summary does not hold it."""
        describe = Task(
            self,
            "What did the trial cost?",
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:describeTrainingJob",
            arguments={"TrainingJobName": Jsonata("$states.input")},
            statements=[allow(["sagemaker:DescribeTrainingJob"], [settings.tuning_arn("training-job")])],
            output={
                "instance_type": Jsonata(f"{RESULT}.ResourceConfig.InstanceType"),
                "seconds": first_of(f"{RESULT}.TrainingTimeInSeconds", "0"),
                "billable_seconds": first_of(f"{RESULT}.BillableTimeInSeconds", "0"),
                "interruptions": Jsonata(f"$count({RESULT}.SecondaryStatusTransitions[Status = 'Interrupted'])"),
            },
        )
        return Map(
            self,
            "Look at each trial",
            items=Jsonata("[$trials.job]"),
            each=describe,
            at_once=4,
            assign={"costs": RESULT},
            output={},
        )
