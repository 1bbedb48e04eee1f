"""What our templates ask of ministack's resource types is in the sandbox's table of what is honoured.

The sandbox knows nothing of our stacks; this is where both are known.
"""

from __future__ import annotations

from sandbox.corrections.templates.honoured import HONOURED
from sandbox.corrections.templates.schemas import schema
from sandbox.corrections.templates.template_faults import implemented, template_faults

OURS = ("AWS::SageMaker::", "AWS::ApplicationAutoScaling::")
"""The types that the sandbox brings itself name their properties in their handlers, which a deploy asks."""


def test_every_type_is_in_the_table(variants: dict[str, dict[str, dict]]) -> None:
    used = {
        resource["Type"]
        for templates in variants.values()
        for template in templates.values()
        for resource in template["Resources"].values()
    }
    assert {name for name in used if not name.startswith(OURS)} <= HONOURED.keys()
    assert {name for name in used if schema(name) is None} == set()


def test_no_template_of_any_environment_is_refused(variants: dict[str, dict[str, dict]]) -> None:
    provisioned: dict[str, frozenset[str] | None] = dict.fromkeys(HONOURED)
    for environment, templates in variants.items():
        for name, template in templates.items():
            own = {resource["Type"] for resource in template["Resources"].values()} - HONOURED.keys()
            types = implemented(provisioned | dict.fromkeys(own))
            assert template_faults(template, types, {}) == [], f"{environment}: {name}"
