"""One synthesis: the stacks of an environment, judged by every rule, become an assembly."""

from __future__ import annotations

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from specs import EnvironmentSpec, ModelSpec
from stacks import build


def synthesize(app: App, environment: EnvironmentSpec, models: tuple[ModelSpec, ...]) -> None:
    """Build the stacks, check them, and write the app's assembly.

    The CDK prints what its rules find; an error among that ends the synthesis.
    """
    build(app, environment, models)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
