"""Statements on a model's artifacts with keys that are known at run time only."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from stacks.constructs.jobs.job_settings import JobSettings
from stacks.constructs.security.acknowledge import acknowledge_wildcards
from stacks.constructs.security.bucket_access import imported
from stacks.constructs.security.private_data import use_of_key
from stacks.constructs.security.statements import allow

RUN_REASON = "Each execution writes below a hash of its own"


def reading(settings: JobSettings, pattern: str, reason: str) -> list[iam.PolicyStatement]:
    """Read the objects that match `pattern`; `reason` says why it has a wildcard."""
    return _statements(settings, pattern, reason, "s3:GetObject", ["kms:Decrypt"])


def writing(settings: JobSettings, pattern: str, reason: str) -> list[iam.PolicyStatement]:
    """Write the objects that match `pattern`."""
    return _statements(settings, pattern, reason, "s3:PutObject", ["kms:Decrypt", "kms:GenerateDataKey"])


def _statements(
    settings: JobSettings, pattern: str, reason: str, action: str, key_actions: Sequence[str]
) -> list[iam.PolicyStatement]:
    bucket = settings.foundation.artifacts
    acknowledge_wildcards(settings.workflow_role, reason, f"{imported(bucket.bucket_arn, bucket)}/{pattern}")
    return [
        allow([action], [bucket.arn_for_objects(pattern)]),
        use_of_key(key_actions, settings.foundation.key.key_arn),
    ]
