"""Reading the serving stack from the release workflow."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.release_context import ReleaseContext
from stacks.constructs.task import Task

PARAMETER_KEY = "ReleasedModelPackage"
CONFIGURATION_KEY = "EndpointConfigName"

_STACK = "$states.result.Stacks[0]"
STATUS = f"{{% {_STACK}.StackStatus %}}"
PARAMETER = f"{{% $join([{_STACK}.Parameters[ParameterKey='{PARAMETER_KEY}'].ParameterValue], '') %}}"
CONFIGURATION = f"{{% $join([{_STACK}.Outputs[OutputKey='{CONFIGURATION_KEY}'].OutputValue], '') %}}"
"""Joined, because an output that does not exist yet is undefined, on which JSONata fails."""


def describe_stack(
    scope: Construct, name: str, *, context: ReleaseContext, role: iam.Role, assign: Mapping[str, str]
) -> Task:
    return Task(
        scope,
        name,
        role=role,
        resource="aws-sdk:cloudformation:describeStacks",
        arguments={"StackName": context.serving_stack_name},
        statements=[
            iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[context.serving_stack_arn])
        ],
        assign=assign,
    )
