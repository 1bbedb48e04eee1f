"""Synthesized templates for the tests: in process, without the validator's start-up, and never on the network."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import reference_model

os.environ["CDK_VALIDATION"] = "false"
os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(Path(".cache/jsii").resolve()))

from specs import EnvironmentSpec, ModelSpec, Specs, load

ROOT = Path(__file__).resolve().parents[2]
Templates = dict[str, dict]


@pytest.fixture(scope="session")
def specs() -> Specs:
    return load(ROOT)


@pytest.fixture(scope="session")
def model(specs: Specs) -> ModelSpec:
    """The reference model."""
    return reference_model.reference_model(specs)


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Templates]:
    """`synthesize(environment, models)` gives the templates by stack name."""
    from aws_cdk import App

    from stacks import build

    flags = json.loads((ROOT / "cdk.json").read_text())["context"]

    def run(environment: EnvironmentSpec, models: tuple[ModelSpec, ...]) -> Templates:
        app = App(outdir=str(tmp_path_factory.mktemp("cdk.out")), context=flags)
        build(app, environment, models)
        return {stack.stack_name: stack.template for stack in app.synth().stacks}

    return run


@pytest.fixture(scope="session")
def variants(specs: Specs, model: ModelSpec, synthesize: Callable[..., Templates]) -> dict[str, Templates]:
    """The reference model's templates by environment, or `pin`, and by short stack name."""
    prod = specs.environment(reference_model.ENVIRONMENT)
    environments = {name: specs.environment(name) for name in ("local", "dev", "prod")}
    environments["pin"] = reference_model.pinned(prod)
    return {
        variant: reference_model.by_short_name(synthesize(environment, (model,)), environment.name)
        for variant, environment in environments.items()
    }
