"""Termination protection of the stacks, as the environment's file says."""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack

from specs import EnvironmentSpec
from stacks import build


@pytest.mark.parametrize(
    ("data", "stated", "is_protected"),
    [
        ("retain", None, True),
        ("destroy", None, False),
        ("retain", False, False),
        ("destroy", True, True),
    ],
)
def test_protection(specs, model, data: str, stated: bool | None, is_protected: bool) -> None:
    environment: EnvironmentSpec = specs.environment("prod")
    retention = environment.retention.model_copy(update={"data": data, "termination_protection": stated})
    app = App()
    build(app, environment.model_copy(update={"retention": retention}), (model,))
    stacks = [stack for stack in app.node.children if isinstance(stack, Stack)]
    assert len(stacks) == 5
    assert {stack.termination_protection for stack in stacks} == {is_protected}


def test_environments(specs) -> None:
    """Only the sandbox's stacks are destroyed without a word: their data goes with them."""
    found = {environment.name: environment.retention.is_protected for environment in specs.environments}
    assert found == {"local": False, "dev": True, "prod": True}
