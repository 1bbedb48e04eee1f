"""Calls by AWS's services for a resource, such as an alarm's message: policies of topic, queue and key let them in.

Sources: Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs", "Example cases for Amazon SNS
access control"; Amazon SQS Developer Guide, "Amazon SQS Key management"; Amazon EventBridge User Guide, "Using
resource-based policies for Amazon EventBridge".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms, sns, sqs
from ministack.services.cloudformation import provisioners

from sandbox.frame.permissions import NotAuthorized

NAMES = {
    "ministack.core.iam_evaluator": "_resource_policy evaluate_resource_policy EvalContext",
    "ministack.services.kms": "_resolve_key",
    "ministack.services.sns": "_topics _topic_by_arn_any_scope topic_policy_allows",
    "ministack.services.sqs": "_queue_by_arn queue_policy_allows",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS",
}
OVERRIDES = {
    "SNS and SQS: calls by services": "the policies of the topic or queue, and of its key, must allow the service; "
    "ministack reads no key, and takes its own services' calls for plain HTTP",
    "AWS::SNS::Topic": "the default policy is bound to the owner, as in CreateTopic; ministack's lets everybody in",
}

EVENTS = "events.amazonaws.com"
_SOURCE_KEYS_UNKNOWN = frozenset({(EVENTS, "sns"), (EVENTS, "kms")})
"""Without aws:SourceArn and aws:SourceAccount: no condition on them is ever met (see the sources)."""
_KEY_USE = ("kms:GenerateDataKey", "kms:Decrypt")


class KeyRefused(NotAuthorized):
    """The key of a topic or queue does not let the service in."""


@dataclass(frozen=True)
class ServiceCall:
    """A service at work for one of its resources: cloudwatch.amazonaws.com for an alarm."""

    service: str
    source: str
    """The ARN of the alarm, rule, topic or bucket."""

    def require(self, action: str, resource: str) -> None:
        """Check the policies of a topic, queue or function, and of its key. Raises ``NotAuthorized``."""
        kind = parse_arn(resource).service
        if not self._allowed(action, resource, _policy_of(kind, resource)):
            raise NotAuthorized(
                f"{self.service} is not authorized to perform: {action} on resource: {resource} because no "
                f"resource-based policy allows the {action} action"
            )
        if key := _key_of(kind, resource):
            self._require_key(key, _ENCRYPTION_CONTEXT[kind], resource)

    def _require_key(self, key: str, context_name: str, resource: str) -> None:
        found = kms._resolve_key(key)
        known = found is not None and found.get("KeyManager") != "AWS"  # the policy of aws/sns names no service
        context = {
            "kms:viaservice": f"{parse_arn(resource).service}.{get_region()}.amazonaws.com",
            f"kms:encryptioncontext:{context_name}".lower(): resource,
        }
        for action in _KEY_USE:
            if not known or not self._allowed(action, found["Arn"], found.get("Policy"), context):
                raise KeyRefused(
                    f"{self.service} is not authorized to perform: {action} on the key {key} of {resource} because "
                    f"no resource-based policy allows the {action} action"
                )

    def _allowed(self, action: str, resource: str, policy: Any, more: Mapping[str, str] | None = None) -> bool:
        context = iam_evaluator.EvalContext(
            principal_arn="*",  # matched by the principal "*" alone: a service is no identity of the account
            principal_type="Service",
            principal_account="",
            action=action,
            resource_arn=resource,
            region=get_region(),
            secure_transport=True,
            service_context={**self._source_keys(action.partition(":")[0]), **(more or {})},
        )
        return iam_evaluator.evaluate_resource_policy(policy, context, service=self.service).decision == "Allow"

    def _source_keys(self, kind: str) -> dict[str, str]:
        if (self.service, kind) in _SOURCE_KEYS_UNKNOWN:
            return {}
        account = parse_arn(self.source).account_id or get_account_id()
        return {"aws:sourcearn": self.source, "aws:sourceaccount": account, "aws:sourceowner": account}


_ENCRYPTION_CONTEXT = {"sns": "aws:sns:topicArn", "sqs": "aws:sqs:arn"}


def _policy_of(kind: str, resource: str) -> Any:
    found = iam_evaluator._resource_policy(kind, resource)
    if found and not found[0] and kind == "sns":
        return _default_policy(resource)
    return found[0] if found else None


def _key_of(kind: str, resource: str) -> str:
    """The KMS key of a topic or queue; empty without one."""
    if kind == "sns":
        found = sns._topic_by_arn_any_scope(resource)
    elif kind == "sqs":
        found = sqs._queue_by_arn(resource)
    else:
        return ""
    return (found or {}).get("attributes", {}).get("KmsMasterKeyId") or ""


def install() -> None:
    """Let services call topics and queues by policy and key only."""
    sqs.queue_policy_allows = _allows("sqs:SendMessage")
    sns.topic_policy_allows = _allows("sns:Publish")
    handler = provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]
    create = handler["create"]

    def create_topic(logical_id: str, properties: dict, stack_name: str) -> Any:
        made = create(logical_id, properties, stack_name)
        sns._topics[made[0]]["attributes"]["Policy"] = _default_policy(made[0])
        return made

    handler["create"] = create_topic


def _allows(action: str) -> Any:
    def policy_allows(resource: str, service: str, source_arn: str, source_account: str) -> bool:
        try:
            ServiceCall(service, source_arn).require(action, resource)
        except NotAuthorized:
            return False
        return True

    return policy_allows


def _default_policy(topic: str) -> str:
    """The policy of a topic that has been given none (Amazon SNS API Reference, "CreateTopic")."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "SNS:GetTopicAttributes",
            "SNS:SetTopicAttributes",
            "SNS:AddPermission",
            "SNS:RemovePermission",
            "SNS:DeleteTopic",
            "SNS:Subscribe",
            "SNS:ListSubscriptionsByTopic",
            "SNS:Publish",
        ],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": parse_arn(topic).account_id}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})
