"""The model registry: versions of a model package group, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import is_missing
from operations.errors import BadInput, Failed
from specs import hints, names

APPROVED, PENDING, REJECTED = "Approved", "PendingManualApproval", "Rejected"


@dataclass(frozen=True)
class PackageVersion:
    """A version of a model package group."""

    version: int
    arn: str
    approval: str
    created: datetime


def versions(connection: Connection, group: str) -> tuple[PackageVersion, ...]:
    """All versions of a group, newest first; none if the group does not exist."""
    pages = connection.client("sagemaker").get_paginator("list_model_packages")
    try:
        found = [
            PackageVersion(
                item["ModelPackageVersion"], item["ModelPackageArn"], item["ModelApprovalStatus"], item["CreationTime"]
            )
            for page in pages.paginate(ModelPackageGroupName=group)
            for item in page["ModelPackageSummaryList"]
        ]
    except ClientError as error:
        if is_missing(error):
            return ()
        raise
    return tuple(sorted(found, key=lambda item: item.version, reverse=True))


def made_by(connection: Connection, group: str, execution: str, began: datetime) -> PackageVersion | None:
    """Find the version that an execution registered; None without one."""
    for package in versions(connection, group):
        if package.created < began:
            return None
        if maker(connection, package) == execution:
            return package
    return None


def maker(connection: Connection, package: PackageVersion) -> str | None:
    """The ARN of the execution that registered a version; None without one."""
    described = connection.client("sagemaker").describe_model_package(ModelPackageName=package.arn)
    return described.get("CustomerMetadataProperties", {}).get("execution")


def set_approval(connection: Connection, package: PackageVersion, status: str, reason: str) -> None:
    """Set a version's approval status, with a reason unless it is empty.

    Where versions are released from the registry, the event of an approval starts the release.
    """
    described = {"ApprovalDescription": reason} if reason else {}
    connection.client("sagemaker").update_model_package(
        ModelPackageArn=package.arn, ModelApprovalStatus=status, **described
    )


def reason(connection: Connection, package: PackageVersion) -> str:
    """The reason that was given with a version's status, or an empty string."""
    described = connection.client("sagemaker").describe_model_package(ModelPackageName=package.arn)
    return described.get("ApprovalDescription", "")


def require_sealed(connection: Connection, package: PackageVersion, group: str) -> None:
    """Raise ``Failed`` for a version without a sealed archive: no release takes it."""
    described = connection.client("sagemaker").describe_model_package(ModelPackageName=package.arn)
    if names.ARCHIVE_CHECKSUM not in described.get("CustomerMetadataProperties", {}):
        raise Failed(
            f"Version {package.version} of {group} was registered by hand, or before archives were sealed: no release "
            f"takes it (docs/registry.md). Name another version, or train again."
        )


def find(found: Sequence[PackageVersion], number: int, group: str) -> PackageVersion:
    """Find a version by its number. Raises ``BadInput`` with the existing numbers."""
    for package in found:
        if package.version == number:
            return package
    known = ", ".join(str(package.version) for package in found) or "none"
    raise BadInput(f"{group} has no version {number}; it has {known}.")


def to_decide(found: Sequence[PackageVersion], number: int | None, group: str) -> PackageVersion:
    """The version named, or by default the newest that waits for approval.

    Raises ``BadInput`` for an unknown number, ``Failed`` if none waits.
    """
    if number is not None:
        return find(found, number, group)
    for package in found:
        if package.approval == PENDING:
            return package
    raise Failed(f"No version of {group} waits for approval. Name one, or train another.")


def to_release_again(found: Sequence[PackageVersion], in_service: int | None) -> PackageVersion | None:
    """The newest Approved version if it is newer than the one in service: its release failed or was cut off."""
    newest = next((package for package in found if package.approval == APPROVED), None)
    return newest if newest and newest.version > (in_service or 0) else None


def to_roll_back_to(
    found: Sequence[PackageVersion], in_service: int, number: int | None, place: tuple[str, str]
) -> PackageVersion:
    """The version to roll back to: the one named, or the newest Approved older one.

    `place` has the names of environment and model.

    Raises ``BadInput`` if the named one serves already or is not Approved, ``Failed`` if nothing older is Approved.
    """
    group = names.model_package_group(*place)
    if number is None:
        for package in found:
            if package.version < in_service and package.approval == APPROVED:
                return package
        raise Failed(
            f"{group} has no Approved version older than {in_service}, which serves: nothing to roll back to. "
            f"Approve an older one first, with its number: `{hints.approve(*place, 'VERSION')}`."
        )
    package = find(found, number, group)
    if package.version == in_service:
        raise BadInput(f"Version {number} of {group} is in service already: name an older one.")
    if package.approval != APPROVED:
        raise BadInput(
            f"Version {number} of {group} is {package.approval}: only an Approved version can serve. "
            f"Approve it first, `{hints.approve(*place, number)}`, or name another one."
        )
    return package
