"""Throttling of every call that the workflows make, with the error names of docs/decisions/0026."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import test_release_workflow as release
import test_training_workflow as training
from state_machines import definition
from test_tuning_workflow import Tuning
from walker import Ended, TaskError, Walker

ERRORS = {
    "sagemaker": "SageMaker.AmazonSageMakerException",
    "lambda": "Lambda.TooManyRequestsException",
    "aws-sdk:sagemaker": "SageMaker.SageMakerException",
    "aws-sdk:cloudformation": "CloudFormation.CloudFormationException",
    "aws-sdk:s3": "S3.S3Exception",
    "aws-sdk:resourcegroupstaggingapi": "ResourceGroupsTaggingApi.ThrottledException",
}
RATE_EXCEEDED = "Rate exceeded (Service: SageMaker, Status Code: 400, Request ID: 1-2)"
RUNNING = {"TrainingJobStatus": "InProgress", "SecondaryStatus": "Training"}
IN_USE = TaskError("SageMaker.ResourceInUseException", "Job name must be unique within an AWS account and region.")


def throttled(resource: str) -> TaskError:
    return TaskError(ERRORS[resource.rpartition(":")[0]], RATE_EXCEEDED)


class Throttling:
    """Throttle the first call of each state, and pass the others on."""

    def __init__(self, aws: Any) -> None:
        self._aws, self.states = aws, list[str]()

    def __call__(self, state: str, resource: str, arguments: Mapping[str, Any]) -> Any:
        if state not in self.states:
            self.states.append(state)
            raise throttled(resource)
        return self._aws(state, resource, arguments)


def tasks(machine: dict[str, Any]) -> set[str]:
    inner = [state["ItemProcessor"] for state in machine["States"].values() if "ItemProcessor" in state]
    own = {name for name, state in machine["States"].items() if state["Type"] == "Task"}
    return own.union(*(tasks(each) for each in inner))


@pytest.mark.parametrize("variant", ["local", "dev"])
def test_training_whose_every_call_is_throttled_once_registers_its_model(variants, variant) -> None:
    machine, aws = definition(variants[variant]["training"]), Tuning()
    throttling = Throttling(aws)
    ended = Walker(machine, {"tune": True}, throttling).run()
    assert ended.path[-1] == "Registered", ended.cause
    assert len(aws.called("createTrainingJob")) == 1, "it must not fall down the ladder"
    skipped = {name for name in tasks(machine) if name not in throttling.states}
    elsewhere = ("Train ", "How is", "How good", "Is its archive there?")  # other rungs, and a champion of other data
    assert not [name for name in skipped if not name.startswith(elsewhere)], skipped


def test_release_whose_every_call_is_throttled_once_serves_and_prunes(variants) -> None:
    machine, aws = definition(variants["local"]["release"]), release.Aws(serving=1)
    throttling = Throttling(aws)
    ended = Walker(machine, {"ModelPackageArn": release.package(2)}, throttling).run()
    assert ended.path[-1] == "Released", ended.cause
    assert aws.called("deleteModel") == [{"ModelName": "model-old"}]
    assert tasks(machine) - set(throttling.states) <= {
        "Reject the package first",
        "Reject the package",
        "Why was it rolled back?",
    }


def test_failed_release_whose_every_call_is_throttled_once_is_rejected_with_its_reason(variants) -> None:
    machine, aws = definition(variants["local"]["release"]), release.Aws(serving=1)
    aws.becomes = ("UPDATE_ROLLBACK_COMPLETE", "")
    ended = Walker(machine, {"detail": {"ModelPackageArn": release.package(2)}}, Throttling(aws)).run()
    assert ended.error == "ReleaseFailed"
    assert aws.called("updateModelPackage")[-1]["ApprovalDescription"].endswith("the container never answered /ping")


def test_lasting_throttling_ends_with_its_sentence(variants) -> None:
    def throttle(_: str, resource: str, __: dict) -> Any:
        raise throttled(resource)

    ended = Walker(definition(variants["local"]["training"]), {}, throttle).run()
    assert ended.error == ERRORS["aws-sdk:s3"]
    assert "Rate exceeded" in (ended.cause or "")


def test_throttled_update_asks_the_registry_again_before_it_is_tried_again(variants) -> None:
    """A newer release may come in between: to repeat the update alone would undo it."""
    machine, aws = definition(variants["local"]["release"]), release.Aws(serving=1)

    def overtaken(_: dict) -> dict:
        aws.parameter = release.package(3)
        raise TaskError(release.CLOUDFORMATION, "Rate exceeded (Service: CloudFormation, Status Code: 400)")

    aws.updateStack = overtaken  # type: ignore[method-assign]
    ended = Walker(machine, {"detail": {"ModelPackageArn": release.package(2)}}, aws).run()
    assert ended.path[-1] == "Ignored: older than what serves"
    assert len(aws.called("updateStack")) == 1


class Lost(training.Aws):
    """AWS that makes a job although it throttles Create; the third look finds it ended."""

    def __init__(self, end: Mapping[str, Any]) -> None:
        super().__init__()
        self._end, self._made, self._looks = end, set[str](), 0

    def _lose(self, name: str, described: dict[str, Any]) -> dict[str, Any]:
        if name in self._made:
            raise IN_USE
        self._made.add(name)
        self.described[name] = described
        raise throttled("sagemaker:create")

    def createTrainingJob(self, arguments: dict) -> dict:
        self.outcomes = [dict(RUNNING)]
        return self._lose(arguments["TrainingJobName"], super().createTrainingJob(arguments))

    def createProcessingJob(self, arguments: dict) -> dict:
        name = arguments["ProcessingJobName"]
        return self._lose(name, {"ProcessingJobName": name, "ProcessingJobStatus": "InProgress"})

    def describeTrainingJob(self, arguments: dict) -> dict:
        return self._look(super().describeTrainingJob(arguments))

    def describeProcessingJob(self, arguments: dict) -> dict:
        return self._look(super().describeProcessingJob(arguments))

    def _look(self, described: dict[str, Any]) -> dict[str, Any]:
        answer = dict(described)
        self._looks += 1
        if self._looks % 3 == 0:
            said = {"ExitMessage": self.message} if "ProcessingJobName" in described else {}
            described |= {"ProcessingJobStatus": "Completed", **training.TIMES, **said}
            described |= self._end if "TrainingJobName" in described else {}
        return answer


def lose(variants: dict, end: Mapping[str, Any]) -> tuple[Lost, Ended]:
    aws = Lost(end)
    return aws, Walker(definition(variants["local"]["training"]), {}, aws).run()


def log_of(step: str) -> str:
    """The end of a cause: the command that shows the log of a job."""
    return f"\nLog of {step}:\n    python -m operations logs local digits-cnn {step}"


def test_job_that_runs_although_its_task_failed_is_waited_for(variants) -> None:
    """The second Create is refused: the first one made the job."""
    aws, ended = lose(variants, training.COMPLETED)
    assert ended.path[-1] == "Registered", ended.cause
    assert len({job["TrainingJobName"] for job in aws.called("createTrainingJob")}) == 1


def test_job_that_fails_after_its_task_is_the_failure_of_the_training(variants) -> None:
    failed = {"TrainingJobStatus": "Failed", "SecondaryStatus": "Failed", "FailureReason": "AlgorithmError: NaN"}
    _, ended = lose(variants, failed)
    assert (ended.error, ended.cause) == ("TrainingFailed", f"AlgorithmError: NaN{log_of('train')}")


def test_processing_job_that_fails_after_its_task_is_told_by_its_sentence(variants) -> None:
    aws = Lost({})
    failed = {"ProcessingJobStatus": "Failed", "ExitMessage": "there is no train-images-idx3-ubyte"}
    aws.describeProcessingJob = lambda _: failed  # type: ignore[method-assign]
    ended = Walker(definition(variants["local"]["training"]), {}, aws).run()
    assert (ended.error, ended.cause) == ("PreparationFailed", failed["ExitMessage"] + log_of("prepare"))


def test_search_that_runs_although_its_task_failed_is_waited_for(variants) -> None:
    aws = Tuning()
    described, status = aws.describeHyperParameterTuningJob, iter(["InProgress", "InProgress", "Completed"])

    def create(arguments: dict) -> dict:
        aws.name = arguments["HyperParameterTuningJobName"]
        raise IN_USE

    aws.createHyperParameterTuningJob = create  # type: ignore[method-assign]
    aws.describeHyperParameterTuningJob = lambda arguments: (  # type: ignore[method-assign]
        described(arguments) | {"HyperParameterTuningJobStatus": next(status)}
    )
    ended = Walker(definition(variants["dev"]["training"]), {"tune": True}, aws).run()
    assert ended.path[-1] == "Registered", ended.cause


@pytest.mark.parametrize("stack", ["training", "release"])
def test_final_errors_with_names_of_their_own_are_never_retried(variants, stack) -> None:
    retried = {
        error
        for state in json.loads(json.dumps(definition(variants["local"][stack])))["States"].values()
        for retrier in state.get("Retry", [])
        for error in retrier["ErrorEquals"]
    }
    assert not retried & {
        "States.ALL",
        "States.TaskFailed",
        "SageMaker.ResourceLimitExceededException",
        "SageMaker.ResourceInUseException",
    }
