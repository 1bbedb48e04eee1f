"""Physical ids, and so the values of `Ref`, where ministack's differ from AWS's.

Source: AWS CloudFormation, "Return values" on the page of each type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import iam
from ministack.services.cloudformation import provisioners

NAMES = {
    "ministack.services.iam": "_instance_profiles",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS",
}
OVERRIDES = {
    "AWS::ApiGatewayV2::Route, AWS::IAM::InstanceProfile: Ref": (
        "ministack gives API and route, and the ARN; AWS gives the route's id, and the profile's name"
    ),
}

Properties = dict[str, Any]
Translate = Callable[[str, Properties], str]


def give_ids_as_aws_does() -> None:
    """Translate the ids between the stacks and ministack's handlers."""
    _translate("AWS::ApiGatewayV2::Route", _last_step, lambda route, properties: f"{properties['ApiId']}/{route}")
    _translate("AWS::IAM::InstanceProfile", _last_step, lambda name, _: iam._instance_profiles[name]["Arn"])


def _last_step(physical_id: str, _: Properties) -> str:
    return physical_id.rpartition("/")[2]


def _translate(type_name: str, outward: Translate, inward: Translate) -> None:
    handler = provisioners._RESOURCE_HANDLERS[type_name]
    former_create, former_update, former_delete = handler["create"], handler["update"], handler["delete"]

    def create(logical_id: str, properties: Properties, stack_name: str) -> tuple:
        physical_id, attributes = former_create(logical_id, properties, stack_name)
        return outward(physical_id, properties), attributes

    def update(physical_id: str, old: Properties, new: Properties, *rest: Any) -> tuple:
        updated, attributes = former_update(inward(physical_id, old), old, new, *rest)
        return outward(updated, new), attributes

    def delete(physical_id: str, properties: Properties) -> None:
        former_delete(inward(physical_id, properties), properties)

    handler.update(create=create, update=update, delete=delete)
