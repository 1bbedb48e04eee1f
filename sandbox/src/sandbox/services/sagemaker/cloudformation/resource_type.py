"""A SageMaker resource type in CloudFormation: a thin layer over the API calls that CloudFormation makes.

`Ref` gives the ARN ("AWS::SageMaker::Model", "::EndpointConfig", "::Endpoint", "::ModelPackageGroup", return values).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.frame.errors import ApiError, ValidationException
from sandbox.frame.operations import Api
from sandbox.frame.property_types import typed
from sandbox.frame.stack_resources import physical_name
from sandbox.frame.tags import Tags

Properties = dict[str, Any]
Attributes = dict[str, Any]
Call = Callable[[str, Properties], dict[str, Any]]
"""(operation, parameters) -> its answer, as the role that this thread acts for. Raises ApiError."""
LONGEST_NAME = 63


class ResourceType:
    """A type that is replaced by every change but of its tags. `kind` is the noun of its API ("Model")."""

    missing: type[ApiError] = ValidationException
    """The error of Describe for a resource that does not exist."""

    def __init__(self, kind: str, api: Api, call: Call, tags: Tags) -> None:
        self.kind = kind
        self.properties = api.operations[f"Create{kind}"].accepts
        self._api, self._call, self._tags = api, call, tags

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Attributes]:
        named = {f"{self.kind}Name": physical_name(stack_name, logical_id, LONGEST_NAME), **properties}
        tags = named.pop("Tags", [])
        if own := [tag for tag in tags if not _is_system(tag)]:
            named["Tags"] = own
        arn = self.call("Create", named)[f"{self.kind}Arn"]
        self._tags.set(arn, [tag for tag in tags if _is_system(tag)])
        return arn, self.attributes(arn)

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Attributes]:
        self._retag(physical_id, old, new)
        return physical_id, self.attributes(physical_id)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete the resource, unless it is gone already."""
        try:
            self.describe(physical_id)
        except self.missing:
            return
        self.call("Delete", self.named(physical_id))

    def existing(self, physical_id: str) -> Attributes | None:
        """The attributes of a resource to import, found by its whole ARN, or None."""
        try:
            found = self.attributes(physical_id)
        except self.missing:
            return None
        return found if physical_id in found.values() else None

    def call(self, verb: str, properties: Properties) -> dict[str, Any]:
        """Call an operation on this kind. Raises ApiError."""
        operation = f"{verb}{self.kind}"
        parameters = typed(self._api.model.operation_model(operation).input_shape, properties)
        return self._call(operation, parameters)

    def describe(self, physical_id: str) -> dict[str, Any]:
        return self.call("Describe", self.named(physical_id))

    def named(self, physical_id: str) -> Properties:
        """The name as a request wants it. An endpoint's ARN is in lower case, and so may its name be."""
        return {f"{self.kind}Name": physical_id.rpartition("/")[2]}

    def attributes(self, physical_id: str) -> Attributes:
        description = self.describe(physical_id)
        # CloudFormation reads the tags of its resources (registry schema, "handlers", read).
        self._call("ListTags", {"ResourceArn": physical_id})
        return {name: description[name] for name in (f"{self.kind}Arn", f"{self.kind}Name")}

    def _retag(self, arn: str, old: Properties, new: Properties) -> None:
        """Change tags as CloudFormation does: by calls of their own (registry schema, "handlers", update)."""
        before, after = _by_key(old), _by_key(new)
        if gone := sorted(before.keys() - after.keys()):
            self._call("DeleteTags", {"ResourceArn": arn, "TagKeys": gone})
        if changed := [{"Key": key, "Value": value} for key, value in after.items() if before.get(key) != value]:
            self._call("AddTags", {"ResourceArn": arn, "Tags": changed})


def _is_system(tag: dict[str, str]) -> bool:
    """Tell whether CloudFormation gave the tag: it does so by itself, and no role needs a right for it."""
    return tag["Key"].startswith("aws:cloudformation:")


def _by_key(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
