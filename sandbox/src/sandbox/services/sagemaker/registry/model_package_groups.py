"""Model package groups: one for each registered model, holding its versions."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sandbox.frame.clock import now
from sandbox.frame.errors import ValidationException
from sandbox.frame.listing import CREATION_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.services.sagemaker.errors import ConflictException

if TYPE_CHECKING:
    from sandbox.services.sagemaker.service import SageMaker

_LISTING = Listing("ModelPackageGroupSummaryList", "ModelPackageGroupName", "ModelPackageGroupStatus", "Ascending")


class ModelPackageGroups:
    """Groups by name; the lock is shared with nobody, the versions belong to ModelPackages."""

    kept = ("_groups",)

    def __init__(self, service: SageMaker) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._groups: dict[str, dict[str, Any]] = {}

    def name_of(self, arn_or_name: str) -> str:
        """The name of an existing group. Raises ValidationException."""
        name = arn_or_name.rpartition("/")[2]
        with self._lock:
            if name not in self._groups:
                arn = self.service.arn(f"model-package-group/{name}")
                raise ValidationException(f"ModelPackageGroup {arn} does not exist.")
        return name

    @operation(accepts={"ModelPackageGroupName", "ModelPackageGroupDescription", "Tags"})
    def create_model_package_group(self, request: Request) -> Response:
        name, tags = request["ModelPackageGroupName"], request.pop("Tags", [])
        arn = self.service.arn(f"model-package-group/{name}")
        with self._lock:
            if name in self._groups:
                raise ValidationException(f"Model Package Group already exists: {arn}")
            self._groups[name] = {
                **request,
                "ModelPackageGroupArn": arn,
                "CreationTime": now(),
                "CreatedBy": {},
                "ModelPackageGroupStatus": "Completed",
            }
        self.service.tags.set(arn, tags)
        return {"ModelPackageGroupArn": arn}

    @operation(accepts={"ModelPackageGroupName"})
    def describe_model_package_group(self, request: Request) -> Response:
        name = self.name_of(request["ModelPackageGroupName"])
        return dict(self._groups[name])

    @operation(accepts=CREATION_FILTERS)
    def list_model_package_groups(self, request: Request) -> Response:
        with self._lock:
            groups = [dict(group) for group in self._groups.values()]
        for group in groups:
            del group["CreatedBy"]
        return _LISTING.page(groups, request)

    @operation(accepts={"ModelPackageGroupName"})
    def delete_model_package_group(self, request: Request) -> Response:
        """Delete a group. Raises ConflictException while it has versions."""
        name = self.name_of(request["ModelPackageGroupName"])
        if self.service.model_packages.versions_of(name):
            raise ConflictException(
                f"Model Package Group {name} cannot be deleted as it still contains Model Packages: delete them first."
            )
        with self._lock:
            group = self._groups.pop(name)
        self.service.tags.drop(group["ModelPackageGroupArn"])
        return {}
