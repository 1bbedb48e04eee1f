"""The notice of a version that waits for a person's approval."""

from __future__ import annotations

from aws_cdk import aws_events as events
from constructs import Construct

from specs import hints
from stacks.constructs.events.notice import Notice
from stacks.model_settings import ModelSettings


class ApprovalNotice(Notice):
    """Declared where the environment's versions are approved by hand.

    Source: Amazon SageMaker AI, "Amazon SageMaker AI events with Amazon EventBridge", "Model package state change".
    """

    def __init__(self, scope: Construct, id_: str, *, settings: ModelSettings) -> None:
        model, environment, resolved = settings.model.name, settings.environment.name, settings.resolved
        version = events.EventField.from_path("$.detail.ModelPackageVersion")
        super().__init__(
            scope,
            id_,
            foundation=settings.foundation,
            description=f"A version of {model} waits for approval in {environment}",
            source="aws.sagemaker",
            detail_type="SageMaker Model Package State Change",
            detail={
                "ModelPackageGroupName": [settings.resolved.model_package_group],
                "ModelApprovalStatus": ["PendingManualApproval"],
                "ModelPackageStatus": ["Completed"],
            },
            text=f"Version {version} of {model} waits for approval in {environment}. "
            f"Read its report: {hints.report(*resolved.place, execution=f'v{version}')}. "
            f"Then approve it: {hints.approve(*resolved.place, version)}, "
            f"or reject it: {hints.reject(*resolved.place, version)}.",
        )
