"""The counts that costs take for granted, as the templates have them."""

from __future__ import annotations

from specs.costs.standing import ALARMS, ALARMS_A_MODEL, KEYS

SHARED = ("network", "foundation")


def count(templates: dict[str, dict], kind: str) -> int:
    return sum(item["Type"] == kind for template in templates.values() for item in template["Resources"].values())


def test_alarms_and_keys_are_those_of_the_templates(variants) -> None:
    templates = variants["dev"]
    shared = {name: template for name, template in templates.items() if name in SHARED}
    own = {name: template for name, template in templates.items() if name not in SHARED}
    assert (count(shared, "AWS::CloudWatch::Alarm"), count(own, "AWS::CloudWatch::Alarm")) == (ALARMS, ALARMS_A_MODEL)
    assert (count(shared, "AWS::KMS::Key"), count(own, "AWS::KMS::Key")) == (KEYS, 0)
