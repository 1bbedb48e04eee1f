"""The end of a training that passed the gate: a new version in the registry."""

from __future__ import annotations

from constructs import Construct

from specs import EnvironmentSpec, ModelSpec, names
from stacks.constructs.containers.images import inference_image
from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.approval import with_status
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.training import gate_rules
from stacks.constructs.workflows.jsonata import EXECUTION_ID, RESULT, Jsonata
from stacks.constructs.workflows.states import Succeed
from stacks.constructs.workflows.task import Task

APPROVED, PENDING = "Approved", "PendingManualApproval"
_NUMBERS = "$each($metrics, function($value, $name) { $type($value) = 'number' ? {$name: $string($value)} })"


class Registration(Task):
    """Registers the sealed archive with `$metrics` and its checksum `$measured`.

    The description says what the gate compared. Leaves with the package's ARN in `$version`.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: JobSettings, group: str) -> None:
        packages = [f"model-package-group/{group}", f"model-package/{group}/*"]
        serving, instance_type = settings.model.serving, settings.environment.serving.instance_type
        super().__init__(
            scope,
            id_,
            role=settings.workflow_role,
            resource="aws-sdk:sagemaker:createModelPackage",
            arguments={
                "ModelPackageGroupName": group,
                "ModelPackageDescription": gate_rules.passed(settings.model),
                "ModelApprovalStatus": _status(settings.environment),
                "InferenceSpecification": {
                    "Containers": [
                        {
                            "Image": inference_image(settings.environment, instance_type).uri,
                            "ModelDataUrl": settings.location(f"{names.REGISTRY}/{names.ARCHIVE}"),
                        }
                    ],
                    "SupportedContentTypes": list(serving.content_types),
                    "SupportedResponseMIMETypes": list(serving.response_types),
                    "SupportedRealtimeInferenceInstanceTypes": [instance_type],
                },
                "ModelMetrics": {
                    "ModelQuality": {
                        "Statistics": {
                            "ContentType": "application/json",
                            "S3Uri": settings.location(f"{names.RECORDS}/{names.EVALUATION}"),
                        }
                    }
                },
                "CustomerMetadataProperties": properties(settings.model),
                # A call that is tried again after a lost answer finds the version that the first one made.
                "ClientToken": Jsonata("$run"),
            },
            assign={"version": Jsonata(f"{RESULT}.ModelPackageArn")},
            statements=[
                allow(
                    ["sagemaker:CreateModelPackage"],
                    [arn(scope, "sagemaker", name) for name in packages],
                    with_status(*statuses(settings.environment)),
                )
            ],
        )
        acknowledge_wildcards(
            settings.workflow_role, "The registry gives the version numbers", arn(scope, "sagemaker", packages[1])
        )


class Registered(Succeed):
    """The end of an execution. Its output says what the gate compared."""

    def __init__(self, scope: Construct, id_: str, *, model: ModelSpec) -> None:
        super().__init__(scope, id_, output={"gate": gate_rules.passed(model)})


def properties(model: ModelSpec) -> Jsonata:
    """The package's CustomerMetadataProperties: all metrics that are numbers, and the version's origin."""
    origin = {
        "execution": EXECUTION_ID,
        "trainingJob": "$job.name",
        "candidate": "$job.candidate",
        names.ARCHIVE_CHECKSUM: "$measured",
        names.FINGERPRINT: "$fingerprint",
        **({names.JUDGE: "$judge"} if model.evaluation.judge else {}),
    }
    listed = ", ".join(f"'{name}': {value}" for name, value in origin.items())
    return Jsonata(f"$merge($append({_NUMBERS}, [{{{listed}}}]))")


def statuses(environment: EnvironmentSpec) -> tuple[str, ...]:
    """The approval statuses that a new version can have."""
    return (PENDING,) if environment.release.approval == "manual" else (APPROVED, PENDING)


def _status(environment: EnvironmentSpec) -> str | Jsonata:
    """The status of the new version: waiting, if its champion could not be measured."""
    if environment.release.approval == "manual":
        return PENDING
    return Jsonata(f"$champion.problem = '' ? '{APPROVED}' : '{PENDING}'")
