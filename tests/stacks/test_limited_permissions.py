"""Permissions that are too wide without a condition, in every role of every template.

Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker", "... for AWS
Application Auto Scaling" and "... for AWS Key Management Service".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from role_policies import documents

SCALED = {
    "application-autoscaling:service-namespace": "sagemaker",
    "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
}


def statements(variants: dict, action: str) -> Iterator[dict[str, Any]]:
    """The statements of all roles with an action that begins so."""
    for templates in variants.values():
        for template in templates.values():
            for resource in template["Resources"].values():
                for document in documents(resource):
                    found = document["Statement"]
                    yield from (each for each in found if any(name.startswith(action) for name in listed(each)))


def listed(statement: dict[str, Any]) -> Sequence[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else action


def test_tags_are_given_at_creation_only(variants) -> None:
    """A tag on a foreign model would open it to the permission to prune."""
    found = list(statements(variants, "sagemaker:AddTags"))
    assert found
    for statement in found:
        during = statement.get("Condition", {}).get("StringEquals", {}).get("sagemaker:TaggingAction", [])
        during = [during] if isinstance(during, str) else during
        assert during, statement
        assert all(operation.startswith("Create") for operation in during), statement


def test_grants_of_a_key_are_for_services_of_aws(variants) -> None:
    found = list(statements(variants, "kms:CreateGrant"))
    assert found
    for statement in found:
        assert statement.get("Condition") == {"Bool": {"kms:GrantIsForAWSResource": "true"}}, statement


@pytest.mark.parametrize("verb", ["Register", "Deregister", "Put", "Delete"])
def test_scaling_is_of_endpoint_variants_only(variants, verb) -> None:
    found = list(statements(variants, f"application-autoscaling:{verb}"))
    assert found
    for statement in found:
        assert statement.get("Condition") == {"StringEquals": SCALED}, statement


def test_a_scalable_target_is_tagged_with_its_model_only(variants) -> None:
    found = list(statements(variants, "application-autoscaling:TagResource"))
    assert found
    for statement in found:
        (tag,) = statement["Condition"]["StringEquals"]
        assert tag == "aws:RequestTag/slipway:model", statement


def service_statements(variants: dict, kind: str, document: str, service: str) -> list[dict[str, Any]]:
    """The statements of the foundations' resource policies that let a service in."""
    return [
        statement
        for templates in variants.values()
        for resource in templates["foundation"]["Resources"].values()
        if resource["Type"] == kind
        for statement in resource["Properties"][document]["Statement"]
        if statement["Principal"] != "*" and statement["Principal"].get("Service") == service
    ]


@pytest.mark.parametrize(
    ("kind", "document"), [("AWS::SNS::TopicPolicy", "PolicyDocument"), ("AWS::KMS::Key", "KeyPolicy")]
)
def test_alarms_of_this_account_only_reach_the_topic_and_its_key(variants, kind, document) -> None:
    """EventBridge has no condition: AWS honours none ("Using resource-based policies for Amazon EventBridge")."""
    alarms = service_statements(variants, kind, document, "cloudwatch.amazonaws.com")
    rules = service_statements(variants, kind, document, "events.amazonaws.com")
    assert len(alarms) == len(rules) == len(variants)
    assert all("aws:SourceAccount" in statement["Condition"]["StringEquals"] for statement in alarms)
    assert all("Condition" not in statement for statement in rules)


@pytest.mark.parametrize("verb", ["Describe", "ListTags"])
def test_reading_of_scaling_has_no_condition_that_it_could_never_meet(variants, verb) -> None:
    for statement in statements(variants, f"application-autoscaling:{verb}"):
        assert "Condition" not in statement
