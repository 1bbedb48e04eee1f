"""CloudFormation calls AWS with the stack's role: ministack's handlers may do what that role may.

The types of our own services are not here: their handlers ask for the permissions. Nor are the types that no release
and no rule on roles is about; only the administrator's role of a CDK bootstrap creates those.
Source: AWS CloudFormation User Guide, "AWS CloudFormation service role"; the registry schemas' "handlers".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners

from sandbox.corrections.iam import boundaries
from sandbox.corrections.iam.gate import Gate
from sandbox.frame.permissions import Credentials, Permission

NAMES = {"ministack.services.cloudformation.provisioners": "_provision_resource _update_resource _delete_resource"}
OVERRIDES = {
    "CloudFormation: the stack's role": "alarms are made, changed and deleted only as the stack's role may; "
    "ministack discards the role"
}

_ALARM = {
    "create": ("PutMetricAlarm", "DescribeAlarms", "ListTagsForResource"),
    "update": ("PutMetricAlarm", "DescribeAlarms", "ListTagsForResource"),
    "delete": ("DeleteAlarms", "DescribeAlarms"),
}


def install(gate: Gate, acting: Callable[[], Credentials | None]) -> None:
    """Check the stack's role, from ``acting()``, before each handler. A refusal fails the resource."""
    create, update, delete = (
        provisioners._provision_resource,
        provisioners._update_resource,
        provisioners._delete_resource,
    )

    def authorize(verb: str, type_name: str, resource: str, properties: Any) -> None:
        credentials = acting()
        if credentials is not None:
            permissions = list(_permissions(verb, type_name, resource, properties or {}))
            gate.demand(credentials.access_key_id, permissions)

    def provision(type_name: str, logical_id: str, properties: dict, stack_name: str) -> Any:
        authorize("create", type_name, f"{stack_name}-{logical_id}-*", properties)
        return create(type_name, logical_id, properties, stack_name)

    def change(type_name: str, physical_id: str, old: dict, new: dict, *more: Any) -> Any:
        authorize("update", type_name, physical_id, new)
        return update(type_name, physical_id, old, new, *more)

    def remove(type_name: str, physical_id: str, properties: dict, *more: Any) -> Any:
        authorize("delete", type_name, physical_id, properties)
        return delete(type_name, physical_id, properties, *more)

    provisioners._provision_resource = provision
    provisioners._update_resource = change
    provisioners._delete_resource = remove


def _permissions(verb: str, type_name: str, resource: str, properties: Mapping[str, Any]) -> Iterator[Permission]:
    if type_name == "AWS::IAM::Role":
        yield from boundaries.of_role(verb, resource, properties)
    elif type_name == "AWS::IAM::Policy":
        yield from boundaries.of_policy(verb, properties)
    elif type_name == "AWS::CloudWatch::Alarm":
        name = properties.get("AlarmName") or resource
        arn = f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"
        tagging = ("TagResource",) if _is_tagged(properties) and verb != "delete" else ()
        yield from (Permission(f"cloudwatch:{action}", arn) for action in (*_ALARM[verb], *tagging))


def _is_tagged(properties: Mapping[str, Any]) -> bool:
    """Tell whether there are tags beyond CloudFormation's own, which need no permission."""
    return any(not tag["Key"].startswith("aws:") for tag in properties.get("Tags", []))
