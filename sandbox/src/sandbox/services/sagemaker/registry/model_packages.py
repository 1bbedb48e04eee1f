"""Model packages: the versions in a model package group, each with its artifact, metrics and approval status.

Only versioned packages exist here; unversioned ones (ModelPackageName) are refused by name.
"""

from __future__ import annotations

import uuid

from botocore.exceptions import ClientError

from sandbox.frame.clock import now, with_iso_times
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.listing import CREATION_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.machines.containers.s3_transfer import S3Location
from sandbox.services.sagemaker.base.identity import EVENTS
from sandbox.services.sagemaker.base.image_paths import require_image_path
from sandbox.services.sagemaker.registry.model_package_groups import ModelPackageGroups
from sandbox.services.sagemaker.registry.versions import Version, Versions

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
_REMOVED = "CustomerMetadataPropertiesToRemove"
_APPROVAL = ("ModelApprovalStatus", "ApprovalDescription")
# A version has no name of its own: NameContains and SortBy=Name look at its ARN.
_LISTING = Listing(
    "ModelPackageSummaryList",
    "ModelPackageArn",
    "ModelPackageStatus",
    "Ascending",
    _SUMMARY,
    filters=("ModelApprovalStatus",),
)


class ModelPackages:
    """Creates, describes, lists, approves and deletes versions."""

    def __init__(self, host: Host, groups: ModelPackageGroups, versions: Versions) -> None:
        self._host, self._groups, self._versions = host, groups, versions

    @operation(accepts=_CREATE)
    def create_model_package(self, request: Request) -> Response:
        if "ModelPackageGroupName" not in request:
            raise ValidationException(
                "the sandbox implements versioned model packages only: give ModelPackageGroupName"
            )
        if request.get("Tags"):
            raise ValidationException(
                "Tags cannot be given for a version of a model package group: it uses the tags of the group"
            )
        token = request.pop("ClientToken", None) or str(uuid.uuid4())
        if (made := self._versions.made_by(token)) is not None:
            return {"ModelPackageArn": made}
        group = request["ModelPackageGroupName"] = self._groups.name_of(request["ModelPackageGroupName"])
        self._require_artifacts(request)
        tags = request.pop("Tags", [])
        package = self._versions.add(group, tags, token, lambda number: self._new(request, number))
        self._emit(package)
        return {"ModelPackageArn": package["ModelPackageArn"]}

    @operation(accepts={"ModelPackageName"})
    def describe_model_package(self, request: Request) -> Response:
        return self.find(request["ModelPackageName"])

    @operation(accepts={*CREATION_FILTERS, "ModelPackageGroupName", "ModelApprovalStatus", "ModelPackageType"})
    def list_model_packages(self, request: Request) -> Response:
        if "ModelPackageGroupName" in request:
            packages = self._versions.of_group(self._groups.name_of(request["ModelPackageGroupName"]))
        elif request.get("ModelPackageType", "Unversioned") == "Unversioned":
            packages = []  # AWS lists unversioned packages unless a group or a type is named
        else:
            packages = self._versions.store.all()
        return _LISTING.page(packages, request)

    @operation(accepts={"ModelPackageArn", *_APPROVAL, "CustomerMetadataProperties", _REMOVED})
    def update_model_package(self, request: Request) -> Response:
        arn = self.find(request["ModelPackageArn"])["ModelPackageArn"]
        before, after = self._versions.store.change(arn, lambda package: _updated(package, request))
        if after["ModelApprovalStatus"] != before["ModelApprovalStatus"]:
            self._emit(after)
        return {"ModelPackageArn": arn}

    @operation(accepts={"ModelPackageName"})
    def delete_model_package(self, request: Request) -> Response:
        self._versions.store.remove(self.find(request["ModelPackageName"])["ModelPackageArn"])
        return {}

    def find(self, arn_or_name: str) -> Version:
        """A version's description, by its ARN or by group/version. Raises ValidationException."""
        named = arn_or_name.startswith("arn:")
        return self._versions.store.find(arn_or_name if named else self._arn(arn_or_name))

    def _new(self, request: Request, number: int) -> Version:
        return {
            "ModelApprovalStatus": "PendingManualApproval",
            "CertifyForMarketplace": False,
            **request,
            "ModelPackageVersion": number,
            "ModelPackageArn": self._arn(f"{request['ModelPackageGroupName']}/{number}"),
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CreationTime": now(),
            "LastModifiedTime": now(),
        }

    def _arn(self, name: str) -> str:
        return self._host.arn("sagemaker", f"model-package/{name}")

    def _require_artifacts(self, request: Request) -> None:
        """Raise ValidationException unless every container's image is a path and its archive is there."""
        s3 = self._host.client("s3")
        for container in request.get("InferenceSpecification", {}).get("Containers", []):
            require_image_path(container["Image"])
            if "ModelDataUrl" not in container:
                continue
            location = S3Location.parse(container["ModelDataUrl"])
            try:
                s3.head_object(Bucket=location.bucket, Key=location.key)
            except ClientError as error:
                raise ValidationException(f"Could not find model data at {location}.") from error

    def _emit(self, package: Version) -> None:
        self._host.emit(EVENTS, _EVENT, with_iso_times(package), [package["ModelPackageArn"]])


def _updated(package: Version, request: Request) -> Version:
    metadata = package.get("CustomerMetadataProperties", {}) | request.get("CustomerMetadataProperties", {})
    kept = {key: value for key, value in metadata.items() if key not in request.get(_REMOVED, [])}
    return {
        **{member: value for member, value in package.items() if member != "CustomerMetadataProperties"},
        **{member: request[member] for member in _APPROVAL if member in request},
        **({"CustomerMetadataProperties": kept} if kept else {}),
        "LastModifiedTime": now(),
    }
