"""AWS::SageMaker::Endpoint: created and updated only when it is in service with what the template asks for."""

from __future__ import annotations

import copy
import time
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.frame.operations import Api
from sandbox.frame.stack_resources import name_prefix
from sandbox.frame.tags import Tags
from sandbox.services.sagemaker.cloudformation.resource_type import (
    LONGEST_NAME,
    Attributes,
    Call,
    Properties,
    ResourceType,
)

_POLL = 0.1
_SETTLED = ("InService", "Failed")
_FOR_UPDATES = {"RetainAllVariantProperties", "ExcludeRetainedVariantProperties", "RetainDeploymentConfig"}


class EndpointFailed(Exception):
    """When an endpoint does not come into service. The message is its FailureReason."""


class EndpointType(ResourceType):
    """Blocks until the endpoint is settled; a failure raises, so that the stack rolls back."""

    def __init__(self, api: Api, call: Call, tags: Tags) -> None:
        super().__init__("Endpoint", api, call, tags)
        self.properties |= _FOR_UPDATES

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Attributes]:
        at_creation = {name: value for name, value in properties.items() if name not in _FOR_UPDATES}
        whole = {**_complete(at_creation), **self._config(properties)}
        arn, attributes = super().create(logical_id, whole, stack_name)
        description = self._settled(arn)
        if description["EndpointStatus"] != "InService":
            self.delete(arn, properties)
            raise EndpointFailed(description["FailureReason"])
        return arn, attributes

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Attributes]:
        wanted = self._config(new)
        if self._settled(physical_id)["EndpointConfigName"] != wanted["EndpointConfigName"]:
            how = {name: new[name] for name in (*_FOR_UPDATES, "DeploymentConfig") if name in new}
            self.call("Update", {**self.named(physical_id), **wanted, **_complete(how)})
            description = self._settled(physical_id)
            if description["EndpointConfigName"] != wanted["EndpointConfigName"]:
                raise EndpointFailed(description.get("FailureReason", "the endpoint kept its former configuration"))
        return super().update(physical_id, old, new, stack_name)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Wait for a running operation, delete the endpoint, and wait until it is gone."""
        try:
            self._settled(physical_id)
            self.call("Delete", self.named(physical_id))
            while True:
                self.describe(physical_id)
                time.sleep(_POLL)
        except ValidationException:
            return

    def unfinished(self, logical_id: str, properties: Properties, stack_name: str) -> str | None:
        """The endpoint with the template's name and configuration: its creation takes long enough to be cut off.

        No tag tells it: CloudFormation puts none of its own on an endpoint (registry schema, "tagging").
        """
        prefix = properties.get("EndpointName") or name_prefix(stack_name, logical_id, LONGEST_NAME)
        wanted = self._config(properties)["EndpointConfigName"]
        listed = self._api.call("ListEndpoints", {"NameContains": prefix, "MaxResults": 100})["Endpoints"]
        for summary in listed:
            named = {"EndpointName": summary["EndpointName"]}
            if self._api.call("DescribeEndpoint", named)["EndpointConfigName"] == wanted:
                return summary["EndpointArn"]
        return None

    def _config(self, properties: Properties) -> Properties:
        """The configuration by its name. A template may give its ARN, which is the value of Ref."""
        given = properties.get("EndpointConfigName", "")
        if not given.startswith("arn:"):
            return {"EndpointConfigName": given}
        named = {"EndpointConfigName": given.rpartition("/")[2]}
        return {"EndpointConfigName": self._api.call("DescribeEndpointConfig", named)["EndpointConfigName"]}

    def _settled(self, physical_id: str) -> dict[str, Any]:
        """The description once no operation is under way. Raises ValidationException if there is no such endpoint."""
        while (description := self.describe(physical_id))["EndpointStatus"] not in _SETTLED:
            time.sleep(_POLL)
        return description


def _complete(properties: Properties) -> Properties:
    """A template may leave the interval of a DeploymentConfig out, which the API demands."""
    whole = copy.deepcopy(properties)
    routing = whole.get("DeploymentConfig", {}).get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration")
    if routing is not None:
        routing.setdefault("WaitIntervalInSeconds", 0)
    return whole
