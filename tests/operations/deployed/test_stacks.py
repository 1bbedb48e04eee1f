"""The stacks of one environment among an account's."""

from __future__ import annotations

from operations.deployed.stacks import classify


def test_stacks_without_a_toml_are_orphans_and_other_environments_are_left_out() -> None:
    statuses = {
        "CDKToolkit": "CREATE_COMPLETE",
        "slipway-dev-network": "CREATE_COMPLETE",
        "slipway-dev-foundation": "UPDATE_COMPLETE",
        "slipway-dev-digits-cnn-serving": "UPDATE_ROLLBACK_COMPLETE",
        "slipway-dev-old-model-serving": "CREATE_COMPLETE",
        "slipway-dev-gone-serving": "DELETE_COMPLETE",
        "slipway-dev-eu-network": "CREATE_COMPLETE",
        "slipway-prod-network": "CREATE_COMPLETE",
    }
    found = classify(statuses, "dev", ["dev", "dev-eu", "prod"], ["digits-cnn"])
    assert [(stack.name, stack.declared) for stack in found] == [
        ("slipway-dev-digits-cnn-serving", True),
        ("slipway-dev-foundation", True),
        ("slipway-dev-network", True),
        ("slipway-dev-old-model-serving", False),
    ]
