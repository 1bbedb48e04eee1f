"""Two environments in one account: the workflow of one cannot touch the other's jobs. Asked of the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from iam_lab import IamLab, refusal
from own_sandbox import OwnSandbox
from template_tokens import as_text

from specs import ModelSpec, Specs, names

LISTED = ("sagemaker:StopTrainingJob", "sagemaker:StopProcessingJob", "sagemaker:StopHyperParameterTuningJob")


def statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of the workflow's role that let it stop jobs."""
    (policy,) = [
        each["Properties"]["PolicyDocument"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy" and name.startswith("WorkflowRole")
    ]
    found = [each for each in policy["Statement"] if set(LISTED) & set(each["Action"])]
    return [{**each, "Resource": as_text(each["Resource"], {}).replace("${AWS::Partition}", "aws")} for each in found]


@pytest.fixture(scope="module")
def stopper(sandbox: OwnSandbox, specs: Specs, model: ModelSpec, synthesize: Callable[..., Any]) -> Any:
    """A SageMaker client that may stop what the model's local workflow may stop."""
    templates = synthesize(specs.environment("local"), (model,))
    own = statements(templates[names.training_stack("local", model.name)])
    assert len(own) == len(LISTED)
    return IamLab(sandbox).tester("sagemaker", *own)


@pytest.mark.parametrize(
    ("environment", "its_model", "allowed"),
    [
        ("local", "digits-cnn", True),
        ("prod", "digits-cnn", False),
        ("local", "digits-cnn-v2", False),
        ("local", "digits-ctrl", False),
    ],
)
def test_a_workflow_stops_its_own_jobs_only(stopper: Any, environment: str, its_model: str, allowed: bool) -> None:
    job = f"{names.job_prefix(environment, its_model)}{'0' * names.JOB_DIGITS}-train-0-0"
    search = f"{names.tuning_prefix(environment, its_model)}{'0' * names.JOB_DIGITS}-0"
    codes = {
        refusal(stopper.stop_training_job, TrainingJobName=job)[0],
        refusal(stopper.stop_processing_job, ProcessingJobName=job)[0],
        refusal(stopper.stop_hyper_parameter_tuning_job, HyperParameterTuningJobName=search)[0],
    }
    there_is_none = {"ValidationException", "ResourceNotFound"}
    assert (codes <= there_is_none) is allowed
    assert allowed or codes == {"AccessDeniedException"}
