"""The expiry of files that executions can make again, and of no others."""

from __future__ import annotations

from typing import Any

import pytest
from state_machines import definition

from specs import EnvironmentSpec, ModelSpec, Specs, aws, names
from specs.fields import LONGEST_EXECUTION_DAYS


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


def test_what_executions_can_make_again_expires(variants: dict[str, Any]) -> None:
    template = variants["prod"]["foundation"]
    assert expiring(template, "Artifacts") == {"checkpoints/": 30, "tuning/": 30, "models/": 90, "prepared/": 90}
    assert expiring(template, "Data") == {}


@pytest.mark.parametrize("key", [names.record("a", "r", names.REPORT), names.artifacts(names.REGISTRY, "models")])
def test_records_and_sealed_archives_stay(variants: dict[str, Any], key: str) -> None:
    assert not key.startswith(tuple(expiring(variants["prod"]["foundation"], "Artifacts")))


def test_deleted_checkpoints_are_not_paid_for_a_month(variants: dict[str, Any]) -> None:
    """A training deletes all but two. Their versions would stay for a month."""
    noncurrent = {
        rule.get("Prefix", ""): rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        for rule in rules(variants["prod"]["foundation"], "Artifacts")
    }
    assert noncurrent == {"": 30, "checkpoints/": 1, "tuning/": 1, "models/": 1, "prepared/": 1}


@pytest.mark.parametrize("bucket", ["Artifacts", "Data"])
def test_the_markers_of_deleted_objects_go(variants: dict[str, Any], bucket: str) -> None:
    """S3 refuses ExpiredObjectDeleteMarker and Days in one rule."""
    (rule,) = [rule for rule in rules(variants["prod"]["foundation"], bucket) if "ExpiredObjectDeleteMarker" in rule]
    assert rule["ExpiredObjectDeleteMarker"] is True
    assert {"ExpirationInDays", "Prefix"}.isdisjoint(rule)


def test_files_outlast_an_execution_that_is_redriven_on_the_last_day(variants: dict[str, Any], specs: Specs) -> None:
    """Step Functions redrives an execution within 14 days of its end. Its timeout begins again."""
    days = definition(variants["prod"]["training"])["TimeoutSeconds"] / aws.DAY
    assert days + 14 + days < LONGEST_EXECUTION_DAYS
    retention = specs.environment("prod").retention
    assert retention.prepared_days - retention.trusted_days >= LONGEST_EXECUTION_DAYS


@pytest.mark.parametrize(
    ("key", "prefix"),
    [
        ("checkpoint_days", "checkpoints/"),
        ("tuning_days", "tuning/"),
        ("model_days", "models/"),
        ("prepared_days", "prepared/"),
    ],
)
def test_the_environment_says_the_days(synthesize: Any, specs: Specs, model: ModelSpec, key: str, prefix: str) -> None:
    prod = specs.environment("prod")
    changed = prod.model_copy(update={"retention": prod.retention.model_copy(update={key: 200})})
    assert expiring(foundation(synthesize, changed, model), "Artifacts")[prefix] == 200
