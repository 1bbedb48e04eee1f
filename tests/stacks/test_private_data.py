"""Data that is encrypted before it is uploaded: who may decrypt it, and the way to KMS."""

from __future__ import annotations

from typing import Any

import pytest
from role_policies import documents

from specs import ModelSpec, Specs

DATA_SET = "kms:EncryptionContext:slipway:data-set"


@pytest.fixture(scope="module")
def templates(specs: Specs, model: ModelSpec, synthesize: Any) -> dict[str, dict]:
    """An environment with a KMS endpoint, and one model with a private data set."""
    environment = specs.environment("dev")
    network = environment.network.model_copy(update={"interface_endpoints": ("kms",)})
    data = model.data.model_copy(update={"encryption": "client-side"})
    return synthesize(environment.model_copy(update={"network": network}), (model.model_copy(update={"data": data}),))


def decrypting(templates: dict[str, dict]) -> dict[str, list[dict]]:
    """By role: the conditions under which identities of all templates may call kms:Decrypt."""
    found: dict[str, list[dict]] = {}
    for template in templates.values():
        for name, resource in template["Resources"].items():
            for document in documents(resource):
                for statement in document["Statement"]:
                    if "kms:Decrypt" in statement["Action"]:
                        found.setdefault(name.partition("DefaultPolicy")[0], []).append(statement.get("Condition", {}))
    return found


EVERYTHING_ELSE = {"Null": {DATA_SET: "true"}}


def test_the_prepare_role_decrypts_its_own_data_set_and_no_other(templates: dict[str, dict], model: ModelSpec) -> None:
    found = decrypting(templates)
    own = {"StringEquals": {DATA_SET: model.data.dataset}}
    assert sorted(found.pop("PrepareRole"), key=str) == sorted([EVERYTHING_ELSE, own], key=str)
    assert len(found) >= 4, "the other jobs, the workflow and the endpoint read what S3 encrypted"
    assert all(each == EVERYTHING_ELSE for conditions in found.values() for each in conditions), found


def test_without_private_data_no_role_decrypts_any(variants: dict[str, dict]) -> None:
    for found in map(decrypting, variants.values()):
        assert all(condition == EVERYTHING_ELSE for conditions in found.values() for condition in conditions), found


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
