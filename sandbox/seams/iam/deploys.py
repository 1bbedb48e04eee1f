"""CloudFormation calls AWS with the stack's role: what its handlers do within ministack is demanded of that role.

SageMaker's types are not here: their handlers call the API, which authorizes the role. Nor are types that no role but
the administrator of a CDK bootstrap makes in our sight.
Source: AWS CloudFormation User Guide, "AWS CloudFormation service role"; the registry schemas' "handlers".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners

from sandbox.host import Credentials, Permission
from sandbox.seams.iam.gate import Gate

NAMES = {"ministack.services.cloudformation.provisioners": "_provision_resource _update_resource _delete_resource"}
OVERRIDES = {
    "CloudFormation: the stack's role": "alarms, scalable targets and scaling policies are made, changed and deleted "
    "only as the stack's role may; ministack discards the role"
}

_CALLS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "AWS::CloudWatch::Alarm": {
        "create": ("cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms"),
        "update": ("cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms"),
        "delete": ("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms"),
    },
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "create": (
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:DescribeScalableTargets",
        ),
        "update": (
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:DescribeScalableTargets",
        ),
        "delete": (
            "application-autoscaling:DeregisterScalableTarget",
            "application-autoscaling:DescribeScalableTargets",
        ),
    },
    "AWS::ApplicationAutoScaling::ScalingPolicy": {
        "create": ("application-autoscaling:PutScalingPolicy", "application-autoscaling:DescribeScalingPolicies"),
        "update": ("application-autoscaling:PutScalingPolicy", "application-autoscaling:DescribeScalingPolicies"),
        "delete": ("application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DescribeScalingPolicies"),
    },
}


def install(gate: Gate, acting: Callable[[], Credentials | None]) -> None:
    """``acting()`` gives the credentials of the stack's role, where there is one. A refusal fails the resource."""
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
    for action in _CALLS.get(type_name, {}).get(verb, ()):
        if type_name == "AWS::CloudWatch::Alarm":
            name = properties.get("AlarmName") or resource
            yield Permission(action, f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}")
        else:
            yield Permission(action)
