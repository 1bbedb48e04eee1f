"""The sandbox accepts all our templates."""

from __future__ import annotations

import json

from sandbox import accepts


def test_no_template_of_any_environment_is_refused(variants: dict[str, dict[str, dict]]) -> None:
    assert all(variants.values())
    assert {
        f"{environment}: {name}": found
        for environment, templates in variants.items()
        for name, template in templates.items()
        if (found := accepts(template))
    } == {}


def test_the_definitions_of_our_workflows_are_read(variants: dict[str, dict[str, dict]]) -> None:
    """A field with a wrong name is found in each of them."""
    texts = [json.dumps(template) for templates in variants.values() for template in templates.values()]
    workflows = [text for text in texts if "AWS::StepFunctions::StateMachine" in text]
    assert workflows
    for text in workflows:
        wrong = json.loads(text.replace('\\"StartAt\\":', '\\"StartsAt\\":'))
        assert "Field 'StartsAt' is not supported" in str(accepts(wrong))
