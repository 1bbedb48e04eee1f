"""What all parts of one model's release need, gathered once."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from specs import EnvironmentSpec, ModelSpec
from stacks.foundation import FoundationStack
from stacks.names import endpoint_name, model_package_group_name, stack_name


@dataclass(frozen=True)
class ReleaseContext:
    """`stack` is the release stack; the serving stack is known by its name only."""

    stack: Stack
    model: ModelSpec
    environment: EnvironmentSpec
    foundation: FoundationStack
    endpoint_role: iam.Role

    @property
    def serving_stack_name(self) -> str:
        return stack_name(self.environment, "serving", self.model)

    @property
    def serving_stack_arn(self) -> str:
        return self.arn("cloudformation", "stack", f"{self.serving_stack_name}/*")

    @property
    def endpoint_name(self) -> str:
        return endpoint_name(self.environment, self.model)

    @property
    def group(self) -> str:
        return model_package_group_name(self.environment, self.model)

    @property
    def packages_arn(self) -> str:
        return self.arn("sagemaker", "model-package", f"{self.group}/*")

    def arn(self, service: str, resource: str, name: str, separator: str = "/") -> str:
        """With the account and region of the environment as text, so that reviews and findings can be read."""
        account, region = self.environment.account, self.environment.region
        return f"arn:aws:{service}:{region}:{account}:{resource}{separator}{name}"
