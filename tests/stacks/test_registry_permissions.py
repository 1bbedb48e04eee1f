"""The registry's statements of our roles, as synthesized, on the sandbox: who may give a version which status."""

from __future__ import annotations

from typing import Any

import pytest
from iam_lab import IamLab, refusal
from own_sandbox import OwnSandbox
from reference_model import MODEL, by_short_name

GROUP = f"slipway-local-{MODEL}"
ALLOWED = {"manual": {"PendingManualApproval"}, "automatic": {"Approved", "PendingManualApproval"}}


@pytest.fixture(scope="module")
def iam(sandbox: OwnSandbox) -> IamLab:
    sandbox.aws("sagemaker").create_model_package_group(ModelPackageGroupName=GROUP)
    return IamLab(sandbox)


def client(iam: IamLab, template: dict[str, Any], action: str) -> Any:
    """A client of a role with the workflow role's statements on an action."""
    (policy,) = [
        each["Properties"]["PolicyDocument"]
        for name, each in template["Resources"].items()
        if name.startswith("WorkflowRoleDefaultPolicy")
    ]
    granted = [each for each in policy["Statement"] if action in str(each["Action"])]
    assert granted
    return iam.tester("sagemaker", *granted)


def new(iam: IamLab) -> str:
    """The ARN of a version that waits for approval."""
    sagemaker = iam.aws("sagemaker")
    return sagemaker.create_model_package(ModelPackageGroupName=GROUP, ModelApprovalStatus="PendingManualApproval")[
        "ModelPackageArn"
    ]


@pytest.mark.parametrize("approval", ALLOWED)
@pytest.mark.parametrize("status", ["Approved", "PendingManualApproval", "Rejected", None])
def test_a_training_registers_with_the_status_of_its_environment_only(
    iam: IamLab, specs: Any, model: Any, synthesize: Any, *, approval: str, status: str | None
) -> None:
    """A definition that was changed to register Approved is refused where a person approves."""
    local = specs.environment("local")
    environment = local.model_copy(update={"release": local.release.model_copy(update={"approval": approval})})
    template = by_short_name(synthesize(environment, (model,)), "local")["training"]
    workflow = client(iam, template, "sagemaker:CreateModelPackage")
    request = {"ModelPackageGroupName": GROUP, **({"ModelApprovalStatus": status} if status else {})}
    if status in ALLOWED[approval]:
        workflow.create_model_package(**request)
    else:
        code, message = refusal(workflow.create_model_package, **request)
        assert code == "AccessDeniedException"
        assert "is not authorized to perform: sagemaker:CreateModelPackage" in message


@pytest.mark.parametrize("change", [{"ModelApprovalStatus": "Approved"}, {"CustomerMetadataProperties": {"a": "b"}}])
def test_a_release_rejects_and_changes_nothing_else(iam: IamLab, variants: dict[str, Any], change: dict) -> None:
    workflow, arn = client(iam, variants["local"]["release"], "sagemaker:UpdateModelPackage"), new(iam)
    code, message = refusal(workflow.update_model_package, ModelPackageArn=arn, **change)
    assert code == "AccessDeniedException"
    assert f"sagemaker:UpdateModelPackage on resource: {arn}" in message
    workflow.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected", ApprovalDescription="because")
