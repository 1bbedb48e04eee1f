"""The counts that costs take for granted, as the templates have them."""

from __future__ import annotations

from specs.costs.standing import (
    ALARM_METRICS,
    ALARM_METRICS_A_MODEL,
    ALARM_METRICS_OF_SCALING,
    KEYS,
)

SHARED = ("network", "foundation")


def count(templates: dict[str, dict], kind: str) -> int:
    return sum(item["Type"] == kind for template in templates.values() for item in template["Resources"].values())


def alarm_metrics(templates: dict[str, dict]) -> int:
    """The metrics of all alarms: one, or those of an expression."""
    alarms = [
        item["Properties"]
        for template in templates.values()
        for item in template["Resources"].values()
        if item["Type"] == "AWS::CloudWatch::Alarm"
    ]
    return sum(sum("MetricStat" in metric for metric in alarm.get("Metrics", [])) or 1 for alarm in alarms)


def test_alarms_and_keys_are_those_of_the_templates(variants) -> None:
    templates = variants["dev"]
    shared = {name: template for name, template in templates.items() if name in SHARED}
    own = {name: template for name, template in templates.items() if name not in SHARED}
    assert alarm_metrics(shared) == ALARM_METRICS
    assert alarm_metrics(own) == ALARM_METRICS_A_MODEL + ALARM_METRICS_OF_SCALING
    assert (count(shared, "AWS::KMS::Key"), count(own, "AWS::KMS::Key")) == (KEYS, 0)
