"""Termination protection: CloudFormation refuses to delete the stacks of an environment.

Source: AWS CloudFormation User Guide, "Protect CloudFormation stacks from being deleted". The CDK CLI sets it at every
deploy, before the change set is executed; a creation that fails leaves a protected stack (docs/destroy.md).
"""

from __future__ import annotations

from aws_cdk import App, Stack

from specs import EnvironmentSpec


def protect(app: App, environment: EnvironmentSpec) -> None:
    """Protect every stack, if the environment says so."""
    for stack in app.node.children:
        if isinstance(stack, Stack):
            stack.termination_protection = environment.retention.is_protected
