"""Data that is encrypted before it is uploaded: who may decrypt it, and the way to KMS."""

from __future__ import annotations

from typing import Any

import pytest

from specs import Specs

DATA_SET = "kms:EncryptionContext:slipway:data-set"


@pytest.fixture(scope="module")
def templates(specs: Specs, synthesize: Any) -> dict[str, dict]:
    """Of an environment with a way to KMS, and one model with a private data set."""
    environment, model = specs.environment("dev"), specs.models[0]
    network = environment.network.model_copy(update={"interface_endpoints": ("kms",)})
    data = model.data.model_copy(update={"encryption": "client-side"})
    return synthesize(environment.model_copy(update={"network": network}), (model.model_copy(update={"data": data}),))


def decrypting(template: dict) -> list[dict]:
    """The conditions under which a role of the template may call kms:Decrypt."""
    policies = [each for each in template["Resources"].values() if each["Type"] == "AWS::IAM::Policy"]
    statements = [each for policy in policies for each in policy["Properties"]["PolicyDocument"]["Statement"]]
    return [each.get("Condition", {}) for each in statements if "kms:Decrypt" in each["Action"]]


def test_the_job_role_decrypts_its_own_data_set_and_no_other(templates: dict[str, dict], specs: Specs) -> None:
    found = decrypting(templates[f"slipway-dev-{specs.models[0].name}-training"])
    own = {"StringEquals": {DATA_SET: specs.models[0].data.dataset}}
    assert sorted(found, key=str) == sorted([{"Null": {DATA_SET: "true"}}, own], key=str)


def test_without_private_data_no_role_decrypts_any(variants: dict[str, dict], specs: Specs) -> None:
    found = decrypting(variants["dev"][f"slipway-dev-{specs.models[0].name}-training"])
    assert found == [{"Null": {DATA_SET: "true"}}]


def test_a_job_s_call_finds_kms_within_the_network(templates: dict[str, dict]) -> None:
    """With private DNS, so that the SDK's usual name leads there."""
    endpoints = [
        each["Properties"]
        for each in templates["slipway-dev-network"]["Resources"].values()
        if each["Type"] == "AWS::EC2::VPCEndpoint" and each["Properties"]["VpcEndpointType"] == "Interface"
    ]
    (kms,) = endpoints
    assert kms["ServiceName"] == "com.amazonaws.eu-west-1.kms"
    assert kms["PrivateDnsEnabled"] is True
