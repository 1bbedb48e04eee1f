"""AWS::SageMaker::MlflowApp: known by its ARN, and replaced when its name or role changes."""

from __future__ import annotations

from sandbox.frame.operations import Api
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.base.errors import ResourceNotFound
from sandbox.services.sagemaker.cloudformation.resource_type import Attributes, Call, Properties, ResourceType

_IN_PLACE = ("ArtifactStoreUri", "ModelRegistrationMode", "WeeklyMaintenanceWindowStart")
_DESCRIBED = ("Arn", "Status", "MlflowVersion")


class MlflowAppType(ResourceType):
    """CloudFormation puts no tags of its own on an app (registry schema, "tagging", cloudFormationSystemTags)."""

    missing = ResourceNotFound

    def __init__(self, api: Api, call: Call, tags: Tags) -> None:
        super().__init__("MlflowApp", api, call, tags)

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Attributes]:
        arn = self.call("Create", properties)["Arn"]
        return arn, self.attributes(arn)

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Attributes]:
        changed = {name: new[name] for name in _IN_PLACE if name in new and new[name] != old.get(name)}
        if changed:
            self.call("Update", {"Arn": physical_id, **changed})
        return super().update(physical_id, old, new, stack_name)

    def named(self, physical_id: str) -> Properties:
        return {"Arn": physical_id}

    def attributes(self, physical_id: str) -> Attributes:
        description = self.describe(physical_id)
        self._call("ListTags", {"ResourceArn": physical_id})
        times = {name: description[name].isoformat() for name in ("CreationTime", "LastModifiedTime")}
        found = {name: description[name] for name in _DESCRIBED}
        return {**found, **times, "MlflowAppId": physical_id.rpartition("/")[2]}
