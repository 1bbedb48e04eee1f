"""The search for hyperparameters before training, where the execution asks for it (docs/decisions/0016)."""

from __future__ import annotations

from constructs import Construct

from specs import Tuning
from stacks.constructs.jobs.job_facts import tuning_facts
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.jobs.running_job import still_running
from stacks.constructs.logs.log_command import with_log
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.statements import allow, arn, pass_role, tag_at_creation
from stacks.constructs.training.execution_input import TUNE
from stacks.constructs.training.trials import Trials
from stacks.constructs.training.tuning_request import interchangeable, request
from stacks.constructs.workflows.choice import Branch, Choice, Otherwise
from stacks.constructs.workflows.jsonata import ERROR_CAUSE, RESULT, Jsonata, first_of, literal
from stacks.constructs.workflows.states import Fail, Pass, catch
from stacks.constructs.workflows.step import Exit, chain
from stacks.constructs.workflows.task import Task

_FOUND = Jsonata("$tuning.status = 'Completed' and $tuning.best != ''")
_STOPPED = Jsonata("$tuning.status in ['Stopped', 'Stopping']")


class HyperparameterTuning(Construct):
    """An execution that asks for a search leaves with the best trial's values in `$hyperparameters`.

    `$search` goes into execution.json, an empty object without a search. A search that finds nothing ends the
    execution: to train on with the declared values would be another training than the requested one.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, tuning: Tuning) -> None:
        super().__init__(scope, id_)
        self._settings, self._tuning = settings, tuning
        self._acknowledge()
        tune, look, note = self._tune(), self._look(), self._note()
        trials = Trials(self, "Trials", settings=settings)
        failed, not_wanted = self._failed(), Otherwise()
        self.start = Choice(self, "Is there a search?", Branch(TUNE, tune), not_wanted)
        catch(tune, look, assign={"tuning": {"name": "", "status": "Refused", "reason": ERROR_CAUSE}})
        tune.next(look)
        # A job that was never made cannot be described: the reason is in the error of CreateHyperParameterTuningJob.
        catch(look, failed)
        look.next(
            Choice(
                self,
                "How did the search end?",
                Branch(_FOUND, trials.start),
                Branch(_STOPPED, self._stopped()),
                still_running(self, "Wait for the search", status=Jsonata("$tuning.status"), look=look),
                Otherwise(failed),
            )
        )
        chain([trials, note])
        self.exits: list[Exit] = [not_wanted, note]

    def _failed(self) -> Fail:
        cause = with_log("'the search found nothing: ' & $tuning.reason", self._settings.resolved, "tune")
        return Fail(self, "Tuning failed", error="TuningFailed", cause=cause)

    def _stopped(self) -> Fail:
        cause = Jsonata("'the tuning job ' & $tuning.name & ' was stopped'")
        return Fail(self, "Tuning was stopped", error="TuningStopped", cause=cause)

    def _acknowledge(self) -> None:
        acknowledge_wildcards(
            self._settings.workflow_role,
            "The names of jobs end with a hash of their execution",
            *(self._settings.tuning_arn(kind) for kind in ("hyper-parameter-tuning-job", "training-job")),
        )

    def _tune(self) -> Task:
        """Source of the permissions: Step Functions Developer Guide, "Tune the hyperparameters of a machine learning
        model"; its rule is ...SageMakerTuningJobsRule. SageMaker itself creates the training jobs.
        """
        scope, job = self._settings.workflow_role, "HyperParameterTuningJob"
        rule = arn(scope, "events", "rule/StepFunctionsGetEventsForSageMakerTuningJobsRule")
        actions = [f"sagemaker:{verb}{job}" for verb in ("Create", "Describe", "Stop")]
        jobs = self._settings.tuning_arn("hyper-parameter-tuning-job")
        return Task(
            self,
            "Tune",
            role=scope,
            resource="sagemaker:createHyperParameterTuningJob.sync",
            arguments={
                "HyperParameterTuningJobName": self._settings.tuning_job_name(),
                **request(self._settings, self._tuning),
            },
            statements=[
                allow([*actions, "sagemaker:ListTags"], [jobs]),
                tag_at_creation([f"Create{job}"], [jobs]),
                allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], [rule]),
                pass_role(self._settings.roles.train, "sagemaker.amazonaws.com"),
            ],
        )

    def _look(self) -> Task:
        counted = f"$string($sum($each({RESULT}.TrainingJobStatusCounters, function($count) {{ $count }})))"
        none = f"'of ' & {counted} & ' training jobs none completed with a value of {self._tuning.objective}'"
        best = f"{RESULT}.BestTrainingJob"
        return Task(
            self,
            "What did the search find?",
            role=self._settings.workflow_role,
            resource="aws-sdk:sagemaker:describeHyperParameterTuningJob",
            arguments={"HyperParameterTuningJobName": self._settings.tuning_job_name()},
            statements=[
                allow(
                    ["sagemaker:DescribeHyperParameterTuningJob"],
                    [self._settings.tuning_arn("hyper-parameter-tuning-job")],
                )
            ],
            assign={
                "tuning": {
                    "name": Jsonata(f"{RESULT}.HyperParameterTuningJobName"),
                    "status": Jsonata(f"{RESULT}.HyperParameterTuningJobStatus"),
                    "reason": first_of(f"{RESULT}.FailureReason", none),
                    "best": Jsonata(f"$exists({best}) ? {best}.TrainingJobName : ''"),
                    "values": Jsonata(f"$exists({best}) ? {best}.TunedHyperParameters : {{}}"),
                    "started": Jsonata(f"{RESULT}.CreationTime"),
                    "ended": first_of(f"{RESULT}.HyperParameterTuningEndTime", f"{RESULT}.CreationTime"),
                }
            },
        )

    def _note(self) -> Pass:
        """Train with the best trial's values, and keep the search's numbers for the report."""
        tuning = self._tuning
        costs = tuning_facts(self._settings, interchangeable(self._settings.environment.training.candidates))
        declared = {
            "strategy": tuning.strategy.capitalize(),
            "objective": tuning.objective,
            "goal": tuning.goal,
            "ranges": {name: found.model_dump(exclude_none=True) for name, found in sorted(tuning.ranges.items())},
        }
        own = "{'job': $tuning.name, 'trials': $trials, 'best': $tuning.best}"
        return Pass(
            self,
            "Take the best",
            assign={
                "search": Jsonata(f"$merge([{literal(declared)}, {own}])"),
                "hyperparameters": Jsonata("$merge([$hyperparameters, $tuning.values])"),
                "jobs": Jsonata(f"$append($jobs, {costs})"),
            },
        )
