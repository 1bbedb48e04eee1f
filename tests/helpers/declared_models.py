"""The models found in models/: tests with the argument `declared_model` run for each, or for `--model NAME` only."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from training.common.algorithm import Algorithm

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Found:
    """A file of models/, and its package."""

    name: str

    @cached_property
    def declared(self) -> dict:
        return tomllib.loads((ROOT / "models" / f"{self.name}.toml").read_text())

    @property
    def package(self) -> str:
        return self.declared["training"]["package"]

    @property
    def algorithm(self) -> Algorithm:
        from specs.training_code import read_algorithm  # not while pytest starts, as a plugin of all tests

        return read_algorithm(ROOT, self.package)

    def __str__(self) -> str:
        return self.name


def found_models() -> list[Found]:
    return [Found(path.stem) for path in sorted((ROOT / "models").glob("*.toml"))]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--model", metavar="NAME", help="Run the tests in tests/models for one file of models/ only.")


@pytest.hookimpl(trylast=True)  # the other plugins end as they began
def pytest_configure(config: pytest.Config) -> None:
    name, models = config.getoption("--model"), found_models()
    if name is not None and name not in map(str, models):
        raise pytest.UsageError(f"there is no models/{name}.toml; --model is one of {', '.join(map(str, models))}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "declared_model" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--model")
        models = [model for model in found_models() if chosen in (None, model.name)]
        metafunc.parametrize("declared_model", models, ids=str, scope="module")
