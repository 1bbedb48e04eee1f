#!/usr/bin/env python3
"""The composition root: declared models and one environment become stacks. `cdk synth -c environment=local`"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from install import own_python

ROOT = Path(__file__).resolve().parent
try:
    from specs import EnvironmentSpec, SpecError, Specs, load
except ModuleNotFoundError as error:
    sys.exit(own_python.lacks(error, ROOT))


def chosen(specs: Specs, name: str | None) -> EnvironmentSpec:
    """The environment that the context names; without one, exit with the list of environments."""
    if name is None:
        names = "\n".join(f"  -c environment={environment.name}" for environment in specs.environments)
        print(f"Say which environment you mean:\n{names}", file=sys.stderr)
        raise SystemExit(2)
    return specs.environment(name)


def main() -> None:
    """Load, build, synthesize. Bad input is a report on stderr and exit code 2."""
    try:
        specs = load(ROOT)
        from aws_cdk import App  # after the specs: a report of their errors needs no CDK

        from stacks.cdk_command import refusal
        from stacks.synthesis import synthesize

        app = App()
        environment = chosen(specs, app.node.try_get_context("environment"))
    except SpecError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    if (sentence := own_python.other_checkout(ROOT) or refusal(environment, os.environ)) is not None:
        print(sentence, file=sys.stderr)
        raise SystemExit(2)
    synthesize(app, environment, specs.models)


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as error:
        sys.exit(own_python.lacks(error, ROOT))
