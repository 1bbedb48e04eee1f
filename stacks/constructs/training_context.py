"""What every step of one model's training workflow needs, gathered once."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from specs import EnvironmentSpec, ModelSpec
from stacks.constructs.code_archive import CodeArchive
from stacks.foundation import FoundationStack
from stacks.network import NetworkStack


@dataclass(frozen=True)
class TrainingContext:
    model: ModelSpec
    environment: EnvironmentSpec
    network: NetworkStack
    foundation: FoundationStack
    code: CodeArchive
    job_role: iam.Role
    role: iam.Role
    """The workflow's own role."""
    model_package_group: str
