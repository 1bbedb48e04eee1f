"""The sandbox accepts all our templates, and has audited all their resource types."""

from __future__ import annotations

from sandbox import accepts, unaudited


def test_no_template_of_any_environment_is_refused(variants: dict[str, dict[str, dict]]) -> None:
    assert {
        f"{environment}: {name}": found
        for environment, templates in variants.items()
        for name, template in templates.items()
        if (found := accepts(template))
    } == {}


def test_every_type_is_audited(variants: dict[str, dict[str, dict]]) -> None:
    all_templates = [template for templates in variants.values() for template in templates.values()]
    assert all_templates
    assert {name for template in all_templates for name in unaudited(template)} == set()
