"""The draft of digits-gan's TOML file says what the training code takes and emits."""

from __future__ import annotations

import tomllib
from pathlib import Path

from training.digits_gan.settings import TABLE

DRAFT = tomllib.loads((Path(__file__).parent / "digits-gan.toml").read_text())


def test_the_hyperparameters_are_the_code_s_defaults() -> None:
    assert DRAFT["training"]["hyperparameters"] == {name: row.default for name, row in TABLE.items()}
