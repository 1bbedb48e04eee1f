"""Model packages: the versions in a model package group, each with its artifact, metrics and approval status.

Only versioned packages exist here; unversioned ones (ModelPackageName) are refused by name.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sandbox.frame.clock import now, with_iso_times
from sandbox.frame.errors import ValidationException
from sandbox.frame.listing import CREATION_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.machines.containers.s3_transfer import S3Location
from sandbox.services.sagemaker.identity import EVENTS

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

_EVENT = "SageMaker Model Package State Change"
_CONTAINER = "InferenceSpecification.Containers"
_CREATE = {
    "ModelPackageGroupName",
    "ModelPackageDescription",
    "ModelApprovalStatus",
    "CustomerMetadataProperties",
    "MetadataProperties",
    "ModelMetrics",
    "Domain",
    "Task",
    "Tags",
    "ClientToken",
    *(f"{_CONTAINER}.{name}" for name in ("Image", "ModelDataUrl", "Environment", "Framework", "FrameworkVersion")),
    "InferenceSpecification.SupportedTransformInstanceTypes",
    "InferenceSpecification.SupportedRealtimeInferenceInstanceTypes",
    "InferenceSpecification.SupportedContentTypes",
    "InferenceSpecification.SupportedResponseMIMETypes",
}
_SUMMARY = (
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
)
_APPROVAL = ("ModelApprovalStatus", "ApprovalDescription")
# A version has no name of its own: NameContains and SortBy=Name look at its ARN.
_LISTING = Listing("ModelPackageSummaryList", "ModelPackageArn", "ModelPackageStatus", "Ascending")


class ModelPackages:
    """Versions by ARN, in the order of their creation. Version numbers are never used again."""

    kept = ("_packages", "_versions")

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._packages: dict[str, dict[str, Any]] = {}
        self._versions: dict[str, int] = {}  # the highest that each group ever had

    def versions_of(self, group: str) -> list[dict[str, Any]]:
        """The descriptions of a group's versions, oldest first."""
        with self._lock:
            return [dict(found) for found in self._packages.values() if found["ModelPackageGroupName"] == group]

    @operation(accepts=_CREATE)
    def create_model_package(self, request: Request) -> Response:
        if "ModelPackageGroupName" not in request:
            raise ValidationException(
                "the sandbox implements versioned model packages only: give ModelPackageGroupName"
            )
        request["ModelPackageGroupName"] = self.service.model_package_groups.name_of(request["ModelPackageGroupName"])
        self._require_artifacts(request)
        tags = request.pop("Tags", [])
        request.pop("ClientToken", None)
        package = self._add(request)
        self.service.tags.set(package["ModelPackageArn"], tags)
        self._emit(package)
        return {"ModelPackageArn": package["ModelPackageArn"]}

    @operation(accepts={"ModelPackageName"})
    def describe_model_package(self, request: Request) -> Response:
        return self._find(request["ModelPackageName"])

    @operation(accepts={*CREATION_FILTERS, "ModelPackageGroupName", "ModelApprovalStatus", "ModelPackageType"})
    def list_model_packages(self, request: Request) -> Response:
        with self._lock:
            packages = [dict(package) for package in self._packages.values()]
        if "ModelPackageGroupName" in request:
            group = self.service.model_package_groups.name_of(request["ModelPackageGroupName"])
            packages = [package for package in packages if package["ModelPackageGroupName"] == group]
        elif request.get("ModelPackageType", "Unversioned") == "Unversioned":
            packages = []  # AWS lists unversioned packages unless a group or a type is named
        if "ModelApprovalStatus" in request:
            wanted = request["ModelApprovalStatus"]
            packages = [package for package in packages if package["ModelApprovalStatus"] == wanted]
        summaries = [{key: package[key] for key in _SUMMARY if key in package} for package in packages]
        return _LISTING.page(summaries, request)

    @operation(
        accepts={
            "ModelPackageArn",
            "ModelApprovalStatus",
            "ApprovalDescription",
            "CustomerMetadataProperties",
            "CustomerMetadataPropertiesToRemove",
        }
    )
    def update_model_package(self, request: Request) -> Response:
        arn = self._find(request["ModelPackageArn"])["ModelPackageArn"]
        with self._lock:
            package = self._packages[arn]
            before = package["ModelApprovalStatus"]
            package.update(
                {key: request[key] for key in ("ModelApprovalStatus", "ApprovalDescription") if key in request}
            )
            _update_metadata(package, request)
            package["LastModifiedTime"] = now()
            changed = package["ModelApprovalStatus"] != before
            package = dict(package)
        if changed:
            self._emit(package)
        return {"ModelPackageArn": arn}

    @operation(accepts={"ModelPackageName"})
    def delete_model_package(self, request: Request) -> Response:
        arn = self._find(request["ModelPackageName"])["ModelPackageArn"]
        with self._lock:
            self._packages.pop(arn, None)
        self.service.tags.drop(arn)
        return {}

    def _add(self, request: Request) -> dict[str, Any]:
        group = request["ModelPackageGroupName"]
        with self._lock:
            version = self._versions[group] = self._versions.get(group, 0) + 1
            arn = self.service.arn(f"model-package/{group}/{version}")
            self._packages[arn] = {
                "ModelApprovalStatus": "PendingManualApproval",
                "CertifyForMarketplace": False,
                **request,
                "ModelPackageVersion": version,
                "ModelPackageArn": arn,
                "ModelPackageStatus": "Completed",
                "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
                "CreationTime": now(),
                "LastModifiedTime": now(),
            }
            return dict(self._packages[arn])

    def _find(self, arn_or_name: str) -> dict[str, Any]:
        """A copy of a version's description, by its ARN or by group/version."""
        arn = arn_or_name
        if not arn.startswith("arn:"):
            arn = self.service.arn(f"model-package/{arn_or_name}")
        with self._lock:
            if arn not in self._packages:
                raise ValidationException(f"ModelPackage {arn} does not exist.")
            return dict(self._packages[arn])

    def _require_artifacts(self, request: Request) -> None:
        """Raise ValidationException unless the archive of every container is there."""
        s3 = self.service.host.client("s3")
        for container in request.get("InferenceSpecification", {}).get("Containers", []):
            if "ModelDataUrl" not in container:
                continue
            location = S3Location.parse(container["ModelDataUrl"])
            try:
                s3.head_object(Bucket=location.bucket, Key=location.key)
            except ClientError as error:
                raise ValidationException(f"Could not find model data at {location}.") from error

    def _emit(self, package: dict[str, Any]) -> None:
        self.service.host.emit(EVENTS, _EVENT, with_iso_times(package), [package["ModelPackageArn"]])


def _update_metadata(package: dict[str, Any], request: Request) -> None:
    metadata = package.pop("CustomerMetadataProperties", {}) | request.get("CustomerMetadataProperties", {})
    for key in request.get("CustomerMetadataPropertiesToRemove", []):
        metadata.pop(key, None)
    if metadata:
        package["CustomerMetadataProperties"] = metadata
