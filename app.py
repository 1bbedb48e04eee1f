"""The composition root: `cdk synth -c environment=NAME`. Reads the specs, builds the stacks, attaches the rules."""

from __future__ import annotations

import sys
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from specs import SpecFaults, load
from stacks.build import build_stacks, placeholder_sentence
from stacks.cdk_command import is_deploying

ROOT = Path(__file__).resolve().parent


def main() -> int:
    """The exit status: 2 where what was declared or asked for cannot be built."""
    app = App()
    name = app.node.try_get_context("environment")
    try:
        specs = load(ROOT)
        if name is None:
            names = ", ".join(environment.name for environment in specs.environments)
            return _refuse(f"Which environment? Add -c environment=NAME, where NAME is one of: {names}")
        environment = specs.environment(name)
    except SpecFaults as faults:
        return _refuse(str(faults))
    if environment.has_placeholder_account and is_deploying():
        return _refuse(placeholder_sentence(environment))
    build_stacks(app, specs, environment, source_root=ROOT)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
