"""The hyperparameters that models/*.toml declares, as a job receives them."""

from __future__ import annotations

import tomllib
from pathlib import Path

MODELS = Path(__file__).resolve().parents[2] / "models"


def received(package: str, **changes: object) -> dict[str, str]:
    """The declared values of the model with this package, some of them changed."""
    declared = [tomllib.loads(path.read_text())["training"] for path in sorted(MODELS.glob("*.toml"))]
    (training,) = [each for each in declared if each["package"] == package]
    return {name: str(value) for name, value in (training["hyperparameters"] | changes).items()}
