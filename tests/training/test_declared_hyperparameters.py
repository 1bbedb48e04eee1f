"""What models/*.toml declare is what the training code takes and emits."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from training.common.hyperparameters import parse

MODELS = [tomllib.loads(path.read_text()) for path in sorted(Path("models").glob("*.toml"))]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["name"])
def test_the_declared_hyperparameters_are_the_code_s_defaults(model: dict[str, Any]) -> None:
    table = importlib.import_module(f"training.{model['training']['package']}.settings").TABLE
    declared = model["training"]["hyperparameters"]
    read = parse(table, {name: str(value) for name, value in declared.items()})
    assert read == {name: row.default for name, row in table.items()}
