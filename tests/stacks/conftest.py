"""Synthesized templates for the tests: in process, without the validator's start-up, and never on the network."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ["CDK_VALIDATION"] = "false"
os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(Path(".cache/jsii").resolve()))

from specs import EnvironmentSpec, ModelSpec, Specs, load

ROOT = Path(__file__).resolve().parents[2]
Templates = dict[str, dict]


@pytest.fixture(scope="session")
def specs() -> Specs:
    return load(ROOT)


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


def pinned(environment: EnvironmentSpec, model: ModelSpec) -> EnvironmentSpec:
    """The environment as it is when it releases version 3 by pin."""
    release = environment.release.model_copy(update={"source": "pin", "pinned": {model.name: 3}, "initial": {}})
    return environment.model_copy(update={"release": release})


@pytest.fixture(scope="session")
def variants(specs: Specs, synthesize: Callable[..., Templates]) -> dict[str, Templates]:
    """The templates of every environment, and of one that releases by pin, for one model: all are of the same make."""
    models = specs.models[:1]
    found = {environment.name: synthesize(environment, models) for environment in specs.environments}
    found["pin"] = synthesize(pinned(specs.environment("prod"), models[0]), models)
    return found
