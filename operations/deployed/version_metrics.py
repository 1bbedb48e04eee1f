"""The metrics of a model version, as the training workflow registered them with it."""

from __future__ import annotations

import contextlib

from operations.aws.connection import Connection
from operations.deployed.registry import PackageVersion
from specs.fields import RESERVED_METRICS


def read(connection: Connection, package: PackageVersion) -> dict[str, float]:
    """Read all metrics of a version's evaluation."""
    described = connection.client("sagemaker").describe_model_package(ModelPackageName=package.arn)
    return numbers(described.get("CustomerMetadataProperties", {}))


def numbers(properties: dict[str, str]) -> dict[str, float]:
    """The properties that are numbers; a registry keeps all of them as strings.

    A fingerprint is no metric, even if its 32 hexadecimal digits read as a number.
    """
    found = {}
    for name, value in properties.items():
        if name not in RESERVED_METRICS:
            with contextlib.suppress(ValueError):
                found[name] = float(value)
    return found
