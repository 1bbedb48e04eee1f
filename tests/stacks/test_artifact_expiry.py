"""The expiry of checkpoints, trials and prepared data."""

from __future__ import annotations

from typing import Any

import pytest

from specs import EnvironmentSpec, ModelSpec, Specs, names

KINDS = (names.PREPARED, names.MODELS, names.CHECKPOINTS, names.TUNING, names.EVALUATIONS, names.EXECUTIONS)
"""The first folder of every key in the artifacts bucket."""


def rules(template: dict[str, Any], bucket: str) -> list[dict[str, Any]]:
    (found,) = [
        each["Properties"]["LifecycleConfiguration"]["Rules"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::S3::Bucket" and name.startswith(bucket)
    ]
    return found


def expiring(template: dict[str, Any], bucket: str) -> dict[str, int]:
    """The days after which current objects expire, by prefix."""
    return {
        rule.get("Prefix", ""): rule["ExpirationInDays"]
        for rule in rules(template, bucket)
        if "ExpirationInDays" in rule
    }


def foundation(synthesize: Any, environment: EnvironmentSpec, model: ModelSpec) -> dict[str, Any]:
    return synthesize(environment, (model,))[names.foundation_stack(environment.name)]


def test_checkpoints_trials_and_prepared_data_expire_and_nothing_else(variants: dict[str, Any]) -> None:
    template = variants["prod"]["foundation"]
    assert expiring(template, "Artifacts") == {"checkpoints/": 30, "tuning/": 30, "prepared/": 90}
    assert expiring(template, "Data") == {}
    assert not [
        kind
        for kind in KINDS
        for prefix in expiring(template, "Artifacts")
        if f"{kind}/x".startswith(prefix) and kind not in (names.CHECKPOINTS, names.TUNING, names.PREPARED)
    ]


def test_deleted_checkpoints_are_not_paid_for_a_month(variants: dict[str, Any]) -> None:
    """A training deletes all but two. Their versions would stay for a month."""
    noncurrent = {
        rule.get("Prefix", ""): rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        for rule in rules(variants["prod"]["foundation"], "Artifacts")
    }
    assert noncurrent == {"": 30, "checkpoints/": 1, "tuning/": 1, "prepared/": 1}


@pytest.mark.parametrize(
    ("key", "prefix"),
    [("checkpoint_days", "checkpoints/"), ("tuning_days", "tuning/"), ("prepared_days", "prepared/")],
)
def test_the_environment_says_the_days(synthesize: Any, specs: Specs, model: ModelSpec, key: str, prefix: str) -> None:
    prod = specs.environment("prod")
    changed = prod.model_copy(update={"retention": prod.retention.model_copy(update={key: 200})})
    assert expiring(foundation(synthesize, changed, model), "Artifacts")[prefix] == 200
