"""Model package groups: one for each registered model, holding its versions."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from sandbox.frame.clock import now
from sandbox.frame.host import Host
from sandbox.frame.listing import CREATION_FILTERS, Listing
from sandbox.frame.operations import Request, Response, operation
from sandbox.frame.store import Store, refusal
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.base.errors import ConflictException
from sandbox.services.sagemaker.registry.versions import Versions

_SUMMARY = (
    "ModelPackageGroupName",
    "ModelPackageGroupArn",
    "ModelPackageGroupDescription",
    "CreationTime",
    "ModelPackageGroupStatus",
)
_LISTING = Listing(
    "ModelPackageGroupSummaryList", "ModelPackageGroupName", "ModelPackageGroupStatus", "Ascending", _SUMMARY
)


class ModelPackageGroups:
    """Descriptions of groups by name."""

    def __init__(self, host: Host, tags: Tags, versions: Versions) -> None:
        self._versions = versions
        self._arn = host.arn("sagemaker", "model-package-group/{key}")
        missing = refusal(f"ModelPackageGroup {self._arn} does not exist.")
        taken = refusal(f"Model Package Group already exists: {self._arn}")
        self.store = Store[str, dict[str, Any]](tags, itemgetter("ModelPackageGroupArn"), missing, taken)

    def name_of(self, arn_or_name: str) -> str:
        """The name of an existing group. Raises ValidationException."""
        return self._find(arn_or_name)["ModelPackageGroupName"]

    @operation(accepts={"ModelPackageGroupName", "ModelPackageGroupDescription", "Tags"})
    def create_model_package_group(self, request: Request) -> Response:
        name, tags = request["ModelPackageGroupName"], request.pop("Tags", [])
        group = {
            **request,
            "ModelPackageGroupArn": self._arn.format(key=name),
            "CreationTime": now(),
            "CreatedBy": {},
            "ModelPackageGroupStatus": "Completed",
        }
        self.store.add(name, group, tags)
        return {"ModelPackageGroupArn": group["ModelPackageGroupArn"]}

    @operation(accepts={"ModelPackageGroupName"})
    def describe_model_package_group(self, request: Request) -> Response:
        return self._find(request["ModelPackageGroupName"])

    @operation(accepts=CREATION_FILTERS)
    def list_model_package_groups(self, request: Request) -> Response:
        return _LISTING.page(self.store.all(), request)

    @operation(accepts={"ModelPackageGroupName"})
    def delete_model_package_group(self, request: Request) -> Response:
        """Delete a group. Raises ConflictException while it has versions."""
        name = self.name_of(request["ModelPackageGroupName"])
        if self._versions.of_group(name):
            raise ConflictException(
                f"Model Package Group {name} cannot be deleted as it still contains Model Packages: delete them first."
            )
        self.store.remove(name)
        return {}

    def _find(self, arn_or_name: str) -> dict[str, Any]:
        return self.store.find(arn_or_name.rpartition("/")[2])
