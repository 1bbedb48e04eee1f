"""Settings of one release workflow: its roles, the serving stack and the endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from specs import ResolvedModel, names
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.bucket_access import imported
from stacks.constructs.security.statements import allow, arn
from stacks.constructs.workflows.jsonata import ERROR_CAUSE, RESULT, Jsonata
from stacks.constructs.workflows.task import Task
from stacks.constructs.workflows.workflow import WorkflowRole
from stacks.foundation import FoundationStack

STACK = Jsonata(f"{RESULT}.Stacks[0]")
"""The one stack that DescribeStacks answers with."""

LONGER = {"pause": Jsonata("$min([30, $pause + 1])")}
"""Waits grow by a second: a release takes seconds in a sandbox and hours behind a canary, and a history is finite."""

PROBLEM = {"problem": ERROR_CAUSE}


@dataclass(frozen=True)
class ReleaseSettings:
    """The resolved model, and the roles of workflow and stack update."""

    resolved: ResolvedModel
    role: WorkflowRole
    release_role: iam.IRole
    foundation: FoundationStack

    @property
    def serving_stack(self) -> str:
        return self.resolved.serving_stack

    @property
    def endpoint(self) -> str:
        return self.resolved.endpoint

    @property
    def archives(self) -> str:
        """The prefix of the model's sealed archives in the artifacts bucket."""
        return names.artifacts(names.REGISTRY, self.resolved.model.name)

    def describe_stack(self, scope: Construct, id_: str, *, assign: Mapping[str, Any]) -> Task:
        """Read the serving stack."""
        return Task(
            scope,
            id_,
            role=self.role,
            resource="aws-sdk:cloudformation:describeStacks",
            arguments={"StackName": self.serving_stack},
            statements=[allow(["cloudformation:DescribeStacks"], [self.stack_arn])],
            assign=assign,
        )

    @property
    def stack_arn(self) -> str:
        return arn(self.role, "cloudformation", f"stack/{self.serving_stack}/*")

    @property
    def packages_arn(self) -> str:
        """All versions of the model: the package group has the endpoint's name."""
        return arn(self.role, "sagemaker", f"model-package/{self.endpoint}/*")

    def acknowledge_wildcards(self) -> None:
        """Give the reason for each wildcard in the workflow role's statements."""
        acknowledge_wildcards(self.role, "The registry gives the version numbers", self.packages_arn)
        acknowledge_wildcards(self.role, "A stack's ARN ends with a random id", self.stack_arn)
        bucket = self.foundation.artifacts
        acknowledge_wildcards(
            self.role,
            "Each execution seals its archive below a hash of its own",
            f"{imported(bucket.bucket_arn, bucket)}/{self.archives}*",
        )
        acknowledge_wildcards(
            self.role,
            "CloudFormation makes these names up; only what bears this stack's tag can be deleted",
            *(arn(self.role, "sagemaker", f"{kind}/*") for kind in ("model", "endpoint-config")),
        )
