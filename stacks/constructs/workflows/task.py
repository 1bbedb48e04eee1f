"""One call of a workflow: its state, and the exact statements that its role needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.workflows.jsonata import field
from stacks.constructs.workflows.step import OneState

THROTTLED = {
    "ErrorEquals": [
        "SageMaker.AmazonSageMakerException",  # `.sync`
        "SageMaker.SageMakerException",
        "SageMaker.SdkClientException",
        "CloudFormation.CloudFormationException",
        "CloudFormation.SdkClientException",
        "S3.S3Exception",
        "S3.SdkClientException",
        "ResourceGroupsTaggingApi.ThrottledException",
        "ResourceGroupsTaggingApi.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.ServiceException",
        "Lambda.SdkClientException",
    ],
    "IntervalSeconds": 1,
    "BackoffRate": 2,
    "MaxAttempts": 5,
    "JitterStrategy": "FULL",
}
"""The only retry. A throttled call arrives under its service's general name (docs/decisions/0026).

Errors with names of their own, such as ResourceLimitExceeded, are final, or a state of the workflow handles them.
Sources: Step Functions Developer Guide, "Create and manage Amazon SageMaker AI jobs with Step Functions" (its example
retries SageMaker.AmazonSageMakerException), "Handle transient Lambda service exceptions".
"""


class Task(OneState, sfn.CustomState):
    """A Task state in JSONata. `resource` is what follows `arn:aws:states:::`.

    The CDK has no task for processing jobs or model packages, and its training task knows neither spot nor
    checkpoints; a CustomState in turn grants nothing. So the statements are attached here.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        role: iam.Role,
        resource: str,
        arguments: Mapping[str, Any],
        statements: Sequence[iam.PolicyStatement],
        assign: Mapping[str, Any] | None = None,
        output: Mapping[str, Any] | None = None,
        comment: str | None = None,
        retry: Sequence[Mapping[str, Any]] = (THROTTLED,),
    ) -> None:
        state: dict[str, Any] = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Arguments": arguments}
        if comment:
            state["Comment"] = comment
        if assign:
            state["Assign"] = assign
        # Results go into variables, by name; only the items of a Map have an output.
        state["Output"] = output or {}
        if retry:
            state["Retry"] = retry
        super().__init__(scope, name, state_json=field(state))
        for statement in statements:
            role.add_to_policy(statement)
