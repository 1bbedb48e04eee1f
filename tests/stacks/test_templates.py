"""Rules for all templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

VARIANTS = ("local", "dev", "prod", "pin")


def resources(templates: dict[str, dict], kind: str) -> Iterator[tuple[str, dict]]:
    for template in templates.values():
        for name, resource in template["Resources"].items():
            if resource["Type"] == kind:
                yield name, resource


def statements(templates: dict[str, dict]) -> Iterator[dict]:
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for _, policy in resources(templates, kind):
            yield from policy["Properties"]["PolicyDocument"]["Statement"]
    for _, role in resources(templates, "AWS::IAM::Role"):
        for policy in role["Properties"].get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]


def listed(value: Any) -> list:
    return value if isinstance(value, list) else [value]


@pytest.fixture(params=VARIANTS)
def templates(request, variants) -> dict[str, dict]:
    return variants[request.param]


def test_buckets_are_encrypted_private_and_tls_only(templates) -> None:
    policies = [policy["Properties"] for _, policy in resources(templates, "AWS::S3::BucketPolicy")]
    buckets = dict(resources(templates, "AWS::S3::Bucket"))
    assert buckets
    for name, bucket in buckets.items():
        properties = bucket["Properties"]
        assert properties["BucketEncryption"]
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        mine = [policy for policy in policies if policy["Bucket"] == {"Ref": name}]
        denied = [item for item in mine[0]["PolicyDocument"]["Statement"] if item["Effect"] == "Deny"]
        assert any(item["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for item in denied)


def test_access_logs_are_delivered_for_buckets_of_this_account_only(templates) -> None:
    """Amazon S3 User Guide, "Enabling Amazon S3 server access logging": the log bucket's policy lets S3 in."""
    policies = [policy["Properties"] for _, policy in resources(templates, "AWS::S3::BucketPolicy")]
    allowed = [
        item
        for policy in policies
        for item in policy["PolicyDocument"]["Statement"]
        if item["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    ]
    logged = [
        bucket
        for _, bucket in resources(templates, "AWS::S3::Bucket")
        if "LoggingConfiguration" in bucket["Properties"]
    ]
    assert len(allowed) == len(logged) == 2
    for item in allowed:
        assert "aws:SourceAccount" in item["Condition"]["StringEquals"]
        assert "aws:SourceArn" in item["Condition"]["ArnLike"]


def test_no_statement_allows_every_action_of_a_service(templates) -> None:
    actions = [action for item in statements(templates) for action in listed(item["Action"])]
    assert actions
    assert [action for action in actions if "*" in action] == []


def test_no_role_has_a_managed_policy_of_aws(templates) -> None:
    roles = [role["Properties"] for _, role in resources(templates, "AWS::IAM::Role")]
    assert roles
    assert [role for role in roles if role.get("ManagedPolicyArns")] == []


def test_services_assume_roles_for_this_account_only(templates) -> None:
    for _, role in resources(templates, "AWS::IAM::Role"):
        for item in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
            assert "aws:SourceAccount" in item["Condition"]["StringEquals"]


def test_roles_are_handed_to_one_service_each(templates) -> None:
    passes = [item for item in statements(templates) if "iam:PassRole" in listed(item["Action"])]
    assert passes
    for item in passes:
        assert item["Resource"] != "*"
        assert isinstance(item["Condition"]["StringEquals"]["iam:PassedToService"], str)


def test_no_route_leads_out_of_the_network(templates) -> None:
    for kind in ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::EgressOnlyInternetGateway"):
        assert list(resources(templates, kind)) == []


def test_references_between_stacks_are_strong(templates) -> None:
    assert "GetStackOutput" not in json.dumps(templates)


def test_names_are_left_to_cloudformation(templates) -> None:
    named = {
        resource["Type"]
        for template in templates.values()
        for resource in template["Resources"].values()
        if any(re.fullmatch(r"(?!Metric|Policy)\w*Name", key) for key in resource.get("Properties", {}))
        and resource["Type"].startswith(("AWS::SageMaker", "AWS::S3", "AWS::IAM::Role", "AWS::StepFunctions"))
    }
    assert named <= {
        "AWS::SageMaker::MlflowApp",  # CloudFormation demands its name
        "AWS::SageMaker::ModelPackageGroup",
        "AWS::SageMaker::Endpoint",
        "AWS::StepFunctions::StateMachine",
    } | {"AWS::SageMaker::EndpointConfig"}


@pytest.mark.parametrize("variant", ["dev", "prod"])
def test_data_key_and_registry_outlive_their_stacks(variants, variant) -> None:
    kept = ("AWS::KMS::Key", "AWS::KMS::Alias", "AWS::S3::Bucket", "AWS::SageMaker::ModelPackageGroup")
    every = [item for kind in kept for item in resources(variants[variant], kind)]
    found = [resource for name, resource in every if not name.startswith("AlarmsKey")]
    assert len(found) == 6, "a key with its alias, three buckets, and the registry of one model"
    assert {resource["DeletionPolicy"] for resource in found} == {"RetainExceptOnCreate"}


@pytest.mark.parametrize("variant", ["dev", "prod", "pin"])
def test_what_is_retained_can_be_adopted(variants, variant) -> None:
    """Retained resources refer to one another alone, and CloudFormation can read their types.

    The template of an import holds nothing else. Source: "Import AWS resources into a CloudFormation stack with a
    resource import", "Resource type support".
    """
    for template in variants[variant].values():
        kept = {
            name: resource
            for name, resource in template["Resources"].items()
            if resource.get("DeletionPolicy", "Delete") != "Delete"
        }
        for name, resource in kept.items():
            assert resource["DeletionPolicy"] == "RetainExceptOnCreate", name
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource["Type"]).schema
            assert "read" in schema["handlers"], f"{name}: {resource['Type']} cannot be imported"
            assert "Condition" not in resource, name
            named = set(re.findall(r'"(?:Ref|Fn::GetAtt|DependsOn)": \[?"([^"]+)"', json.dumps(resource)))
            assert {reference for reference in named if not reference.startswith("AWS::")} <= kept.keys(), name
            assert "Fn::ImportValue" not in json.dumps(resource), name


def test_model_and_configuration_stay_when_replaced(templates) -> None:
    for kind in ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig"):
        for _, resource in resources(templates, kind):
            assert (resource["UpdateReplacePolicy"], resource["DeletionPolicy"]) == ("Retain", "Delete")


def test_placeholder_account_is_refused_by_the_template(variants) -> None:
    for template in variants["dev"].values():
        (assertion,) = template["Rules"]["OwnAccount"]["Assertions"]
        assert assertion["AssertDescription"].startswith("environments/dev.toml, line ")
    assert all("OwnAccount" not in template.get("Rules", {}) for template in variants["local"].values())


def test_shared_stacks_do_not_depend_on_the_models(specs, model, synthesize) -> None:
    environment = specs.environment("local")
    other = model.model_copy(update={"name": "another"})
    found = [synthesize(environment, models) for models in ((), (model,), (model, other))]
    for stack in ("slipway-local-network", "slipway-local-foundation"):
        assert found[0][stack] == found[1][stack] == found[2][stack]


def test_shared_stacks_export_all_that_they_offer(variants) -> None:
    def exported(stack: str) -> int:
        return sum("Export" in output for output in variants["dev"][stack]["Outputs"].values())

    assert exported("network") == 4, "two security groups and two subnets"
    assert exported("foundation") == 8, "key, topic, dead-letter queue, MLflow App, and name and ARN of two buckets"
