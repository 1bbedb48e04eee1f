"""The tags of an environment's resources, for cost reports and for those who clean up."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Tags
from constructs import IConstruct


def tag(scope: IConstruct, tags: Mapping[str, str]) -> None:
    """Put the tags on every resource below that can have some."""
    for key, value in tags.items():
        Tags.of(scope).add(key, value)
