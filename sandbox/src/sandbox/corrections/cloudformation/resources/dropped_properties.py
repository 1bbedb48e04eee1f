"""Properties that ministack's handlers drop, applied after them, as found by the audit."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import ec2, iam, sns, stepfunctions
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.resources.buckets import apply_bucket, encrypt_with_the_managed_key
from sandbox.corrections.cloudformation.resources.dropped_tags import apply_delivery_stream, apply_identity_pool
from sandbox.corrections.cloudformation.resources.tables import apply_table
from sandbox.corrections.cloudformation.resources.web_apis import (
    apply_http_api,
    apply_http_stage,
    apply_method,
    apply_rest_api,
    apply_rest_stage,
)

NAMES = {
    "ministack.services.iam": "_put_role_permissions_boundary _delete_role_permissions_boundary",
    "ministack.services.sns": "_set_topic_attributes",
    "ministack.services.ec2": "_vpce_fields_xml",
    "ministack.services.stepfunctions": "_state_machines",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _pascal_to_camel",
}
OVERRIDES = {
    "AWS::IAM::Role PermissionsBoundary": "ministack drops it, so that a bounded role could do more than on AWS",
    "AWS::SNS::Topic KmsMasterKeyId": "ministack drops it",
    "AWS::StepFunctions::StateMachine LoggingConfiguration, TracingConfiguration": (
        "ministack answers the first in CloudFormation's spelling and drops the second"
    ),
    "EC2: DescribeVpcEndpoints": "ministack leaves out the policy, security groups and private DNS",
}

Apply = Callable[[str, dict[str, Any], dict[str, Any]], None]
"""(physical id, old properties, new properties); raising makes the resource fail."""


def honour_dropped_properties() -> None:
    """Apply dropped properties after ministack's own create and update."""
    encrypt_with_the_managed_key()
    for type_name, apply in _APPLIED.items():
        _extend(provisioners._RESOURCE_HANDLERS[type_name], apply)
    ec2._vpce_fields_xml = _whole_vpc_endpoint(ec2._vpce_fields_xml)


def _extend(handler: dict[str, Any], apply: Apply) -> None:
    former_create, former_update = handler["create"], handler["update"]

    def create(logical_id: str, properties: dict, stack_name: str) -> tuple:
        physical_id, attributes = former_create(logical_id, properties, stack_name)
        try:
            apply(physical_id, {}, properties)
        except Exception:
            handler["delete"](physical_id, properties)
            raise
        return physical_id, attributes

    def update(physical_id: str, old: dict, new: dict, *rest: Any) -> tuple:
        found = former_update(physical_id, old, new, *rest)
        apply(found[0], old, new)
        return found

    handler.update(create=create, update=update)


def _apply_role(name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    boundary = new.get("PermissionsBoundary")
    if boundary == old.get("PermissionsBoundary"):
        return
    if boundary:
        response = iam._put_role_permissions_boundary({"RoleName": name, "PermissionsBoundary": boundary})
    else:
        response = iam._delete_role_permissions_boundary({"RoleName": name})
    if response[0] >= 400:
        raise ValueError(f"PermissionsBoundary of {name}: {response[2]!r}")


def _apply_topic(arn: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    if new.get("KmsMasterKeyId") != old.get("KmsMasterKeyId"):
        value = new.get("KmsMasterKeyId", "")
        sns._set_topic_attributes({"TopicArn": arn, "AttributeName": "KmsMasterKeyId", "AttributeValue": value})


def _apply_state_machine(arn: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    machine = stepfunctions._state_machines[arn]
    if logging := new.get("LoggingConfiguration"):
        machine["loggingConfiguration"] = {"includeExecutionData": False} | provisioners._pascal_to_camel(logging)
    enabled = str(new.get("TracingConfiguration", {}).get("Enabled", False)).lower() == "true"
    machine["tracingConfiguration"] = {"enabled": enabled}


_APPLIED: dict[str, Apply] = {
    "AWS::ApiGateway::Method": apply_method,
    "AWS::ApiGateway::RestApi": apply_rest_api,
    "AWS::ApiGateway::Stage": apply_rest_stage,
    "AWS::ApiGatewayV2::Api": apply_http_api,
    "AWS::ApiGatewayV2::Stage": apply_http_stage,
    "AWS::Cognito::IdentityPool": apply_identity_pool,
    "AWS::DynamoDB::GlobalTable": apply_table,
    "AWS::DynamoDB::Table": apply_table,
    "AWS::IAM::Role": _apply_role,
    "AWS::KinesisFirehose::DeliveryStream": apply_delivery_stream,
    "AWS::S3::Bucket": apply_bucket,
    "AWS::SNS::Topic": _apply_topic,
    "AWS::StepFunctions::StateMachine": _apply_state_machine,
}


def _whole_vpc_endpoint(former: Callable[..., str]) -> Callable[..., str]:
    """The XML of a VPC endpoint with the members that ministack omits from its record."""

    def fields(endpoint: dict[str, Any], tag: str = "item") -> str:
        groups = "".join(f"<item><groupId>{group}</groupId></item>" for group in endpoint.get("SecurityGroupIds", []))
        policy = endpoint.get("PolicyDocument")
        more = f"<groupSet>{groups}</groupSet>"
        more += f"<privateDnsEnabled>{str(endpoint.get('PrivateDnsEnabled', False)).lower()}</privateDnsEnabled>"
        if policy:
            text = policy if isinstance(policy, str) else json.dumps(policy)
            more += f"<policyDocument>{escape(text)}</policyDocument>"
        return former(endpoint, tag).replace("<routeTableIdSet>", f"{more}<routeTableIdSet>", 1)

    return fields
