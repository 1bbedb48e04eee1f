"""The names of deployed systems."""

from __future__ import annotations

import pytest

from specs import names


@pytest.mark.parametrize(
    ("name", "mine"),
    [("slipway-dev-a", True), ("slipway-dev-eu-a", False), ("slipway-prod-a", False), ("slipway-device", False)],
)
def test_a_name_belongs_to_one_environment(name: str, mine: bool) -> None:
    assert names.belongs(name, "dev", ["dev", "dev-eu"]) is mine


def test_the_stacks_of_a_model() -> None:
    assert names.model_stacks("dev", "digits-cnn") == (
        "slipway-dev-digits-cnn-training",
        "slipway-dev-digits-cnn-release",
        "slipway-dev-digits-cnn-serving",
    )
