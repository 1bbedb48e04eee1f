"""AWS::ApplicationAutoScaling::ScalableTarget and ::ScalingPolicy: thin layers over the API.

Source: AWS CloudFormation, the types' reference pages (return values) and schemas (what replaces).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.frame.host import Host
from sandbox.frame.operations import Api
from sandbox.frame.property_types import typed
from sandbox.frame.resource_handler import ResourceHandler
from sandbox.services.autoscaling.authorization import permissions
from sandbox.services.autoscaling.errors import ObjectNotFoundException
from sandbox.services.autoscaling.identity import KEY
from sandbox.services.autoscaling.scaling_policies import ScalingPolicies

Properties = dict[str, Any]
Attributes = dict[str, Any]
Call = Callable[[str, Properties], dict[str, Any]]
"""(operation, parameters) -> its answer. Raises ApiError."""


class _Type:
    """Calls the API with properties as a template writes them."""

    operation: str
    own: frozenset[str]
    """Properties that are no members of the operation."""

    def __init__(self, host: Host, api: Api, call: Call) -> None:
        self._host, self._api, self._call = host, api, call
        self.properties = (api.operations[self.operation].accepts - {"Tags"}) | self.own

    def call(self, operation: str, properties: Properties) -> dict[str, Any]:
        shape = self._api.operations[operation].model.input_shape
        return self._call(operation, typed(shape, properties))

    def demand(self, operations: tuple[str, ...], properties: Properties) -> None:
        """Return if the stack's role, where there is one, may call the operations. Raises NotAuthorized."""
        role = self._host.acting()
        if role is not None:
            self._host.demand(role, *(needed for name in operations for needed in permissions(name, "", properties)))


class ScalableTargetType(_Type):
    """`Ref` is RESOURCE_ID|DIMENSION|NAMESPACE."""

    operation, own = "RegisterScalableTarget", frozenset({"Tags"})

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Attributes]:
        self._register(properties | {"Tags": _tags(properties)})
        physical_id = "|".join(properties[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
        return physical_id, {"Id": physical_id}

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Attributes]:
        """Register the target anew, and change its tags: a target takes them from a registration once only."""
        self._register({name: value for name, value in new.items() if name != "Tags"})
        before, after = _tags(old), _tags(new)
        (found,) = self._described(new)
        arn = found["ScalableTargetARN"]
        if gone := sorted(before.keys() - after.keys()):
            self._change_tags("UntagResource", {"ResourceARN": arn, "TagKeys": gone})
        if after != before and after:
            self._change_tags("TagResource", {"ResourceARN": arn, "Tags": after})
        return physical_id, {"Id": physical_id}

    def _register(self, properties: Properties) -> None:
        self.demand(("RegisterScalableTarget", "DescribeScalableTargets", "ListTagsForResource"), properties)
        self.call("RegisterScalableTarget", properties)

    def _described(self, properties: Properties) -> list[dict[str, Any]]:
        wanted = {"ServiceNamespace": properties["ServiceNamespace"], "ResourceIds": [properties["ResourceId"]]}
        return self.call("DescribeScalableTargets", wanted)["ScalableTargets"]

    def _change_tags(self, operation: str, parameters: Properties) -> None:
        self.demand((operation,), parameters)
        self.call(operation, parameters)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Deregister the target, unless it is gone already."""
        named = parsed(physical_id)
        self.demand(("DeregisterScalableTarget", "DescribeScalableTargets"), named)
        try:
            self.call("DeregisterScalableTarget", named)
        except ObjectNotFoundException:
            return


class ScalingPolicyType(_Type):
    """`Ref` is the policy's ARN. The target is named by ScalingTargetId, or by its three names."""

    operation, own = "PutScalingPolicy", frozenset({"ScalingTargetId"})

    def __init__(self, host: Host, api: Api, call: Call, policies: ScalingPolicies) -> None:
        super().__init__(host, api, call)
        self._policies = policies

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Attributes]:
        located = _located(properties)
        self.demand(("PutScalingPolicy", "DescribeScalingPolicies"), located)
        arn = self.call("PutScalingPolicy", located)["PolicyARN"]
        return arn, {"Arn": arn, "PolicyName": properties["PolicyName"]}

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Attributes]:
        return self.create("", new, stack_name)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete the policy, unless it went with its target."""
        self.demand(("DescribeScalingPolicies",), properties)
        for policy in self._policies.store.all():
            if policy["PolicyARN"] == physical_id:
                named = {name: policy[name] for name in (*KEY, "PolicyName")}
                self.demand(("DeleteScalingPolicy",), named)
                self.call("DeleteScalingPolicy", named)


def resource_types(host: Host, api: Api, call: Call, policies: ScalingPolicies) -> dict[str, ResourceHandler]:
    """The handlers by type name."""
    return {
        "AWS::ApplicationAutoScaling::ScalableTarget": ScalableTargetType(host, api, call),
        "AWS::ApplicationAutoScaling::ScalingPolicy": ScalingPolicyType(host, api, call, policies),
    }


def _tags(properties: Properties) -> dict[str, str]:
    """The tags of a template as the API wants them."""
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}


def parsed(physical_id: str) -> Properties:
    """The names in a target's physical id. Raises ValueError for one of another form."""
    resource_id, dimension, namespace = physical_id.split("|")
    return {"ResourceId": resource_id, "ScalableDimension": dimension, "ServiceNamespace": namespace}


def _located(properties: Properties) -> Properties:
    given = dict(properties)
    target = given.pop("ScalingTargetId", None)
    return {**given, **parsed(target)} if target else given
