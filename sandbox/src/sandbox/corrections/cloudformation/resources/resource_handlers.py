"""Corrections of handlers that delete more or less than AWS does."""

from __future__ import annotations

from ministack.core import lambda_runtime
from ministack.services import s3, stepfunctions

from sandbox.corrections.cloudformation.resources.resource_checks import (
    Properties,
    check_declaration,
    check_deletion,
)

_NOT_EMPTY = (
    "The bucket you tried to delete is not empty (Service: Amazon S3; Status Code: 409; Error Code: BucketNotEmpty)"
)
_VERSIONS_LEFT = (
    "The bucket you tried to delete is not empty. You must delete all versions in the bucket. "
    "(Service: Amazon S3; Status Code: 409; Error Code: BucketNotEmpty)"
)


def correct_resource_handlers() -> None:
    """Keep buckets with objects; end a state machine's executions and a function's processes with it."""
    check_declaration("AWS::Logs::SubscriptionFilter", _check_destination)
    check_deletion("AWS::S3::Bucket", _refuse_a_bucket_with_objects)
    check_deletion("AWS::StepFunctions::StateMachine", _forget_executions)
    check_deletion("AWS::Lambda::Function", lambda_runtime.invalidate_worker)


def _check_destination(properties: Properties) -> None:
    """Refuse destinations that ministack keeps and never delivers to."""
    destination = str(properties.get("DestinationArn", ""))
    if ":lambda:" not in destination:
        raise ValueError(f"DestinationArn {destination}: the sandbox delivers log events to Lambda functions only")


def _refuse_a_bucket_with_objects(name: str) -> None:
    if s3._buckets.get(name, {}).get("objects"):
        raise ValueError(_NOT_EMPTY)
    if s3._bucket_has_versions(name):
        raise ValueError(_VERSIONS_LEFT)


def _forget_executions(state_machine_arn: str) -> None:
    """Remove ended executions from the list of a new state machine with the same name.

    Running executions continue to their end.
    """
    ended = [
        arn
        for arn, execution in stepfunctions._executions.items()
        if execution["stateMachineArn"] == state_machine_arn and execution["status"] != "RUNNING"
    ]
    for arn in ended:
        stepfunctions._executions.pop(arn)
