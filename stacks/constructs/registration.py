"""The end of a successful training: a new version in the model's package group."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.images import inference_image
from stacks.constructs.task import Task
from stacks.constructs.training_context import TrainingContext

PROPERTIES = (
    "{% $merge([$each($metrics, function($v, $k) {{$k: $string($v)}}),"
    " {'execution': $states.context.Execution.Id, 'training_job': $training.name, 'candidate': $candidate}]) %}"
)
"""Where the gate of later executions, and people, read what this version measured; SageMaker takes strings only."""


class Registration(Construct):
    """Creates the model package, Approved or PendingManualApproval as the environment says. Begins at `start`."""

    def __init__(self, scope: Construct, id_: str, *, context: TrainingContext) -> None:
        super().__init__(scope, id_)
        registered = sfn.Succeed(
            self,
            "Registered",
            outputs={
                "ModelPackageArn": "{% $model_package_arn %}",
                "ModelApprovalStatus": approval_status(context),
                "metrics": "{% $metrics %}",
                "candidate": "{% $candidate %}",
                "root": "{% $root %}",
            },
        )
        self.start = Task(
            self,
            "Register",
            role=context.role,
            resource="aws-sdk:sagemaker:createModelPackage",
            arguments=_request(context),
            statements=_statements(self, context),
            assign={"model_package_arn": "{% $states.result.ModelPackageArn %}"},
        )
        self.start.next(registered)


def approval_status(context: TrainingContext) -> str:
    return "Approved" if context.environment.release.approval == "automatic" else "PendingManualApproval"


def _request(context: TrainingContext) -> dict[str, object]:
    environment, serving = context.environment, context.model.serving
    image = inference_image(environment.region, environment.serving.instance_type)
    statistics = {"ContentType": "application/json", "S3Uri": "{% $root & '/evaluation/evaluation.json' %}"}
    return {
        "ModelPackageGroupName": context.model_package_group,
        "ModelPackageDescription": context.model.description,
        "ModelApprovalStatus": approval_status(context),
        "InferenceSpecification": {
            "Containers": [{"Image": image.uri, "ModelDataUrl": "{% $training.model_data %}"}],
            "SupportedContentTypes": list(serving.content_types),
            "SupportedResponseMIMETypes": list(serving.response_types),
        },
        "ModelMetrics": {"ModelQuality": {"Statistics": statistics}},
        "CustomerMetadataProperties": PROPERTIES,
    }


def _statements(scope: Construct, context: TrainingContext) -> list[iam.PolicyStatement]:
    stack, group = Stack.of(scope), context.model_package_group
    return [
        iam.PolicyStatement(
            actions=["sagemaker:CreateModelPackage"],
            resources=[
                stack.format_arn(service="sagemaker", resource="model-package-group", resource_name=group),
                stack.format_arn(service="sagemaker", resource="model-package", resource_name=f"{group}/*"),
            ],
        )
    ]
