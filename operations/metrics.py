"""A version's metrics, as the training workflow registered them with it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operations.aws import Connection
    from operations.registry import PackageVersion


def of(connection: Connection, package: PackageVersion) -> dict[str, float]:
    """The numbers among a version's customer metadata: all that its evaluation measured."""
    described = connection.client("sagemaker").describe_model_package(ModelPackageName=package.arn)
    return numbers(described.get("CustomerMetadataProperties", {}))


def numbers(properties: dict[str, str]) -> dict[str, float]:
    """The properties that are numbers; a registry keeps all of them as strings."""
    found = {}
    for name, text in properties.items():
        with contextlib.suppress(ValueError):
            found[name] = float(text)
    return found
