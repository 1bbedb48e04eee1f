"""The sandbox accepts all our templates."""

from __future__ import annotations

from sandbox import accepts


def test_no_template_of_any_environment_is_refused(variants: dict[str, dict[str, dict]]) -> None:
    assert all(variants.values())
    assert {
        f"{environment}: {name}": found
        for environment, templates in variants.items()
        for name, template in templates.items()
        if (found := accepts(template))
    } == {}
