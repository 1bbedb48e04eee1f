"""`cdk diff` of a stack with a released model: what a deploy would change.

The stack is of the serving stack's shape: a resource under the condition that a parameter, by default empty, is set.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from own_sandbox import ROOT, OwnSandbox
from stack_lab import Stack, parameter

PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/7"
RELEASED = {"ParameterKey": "ReleasedModelPackage", "ParameterValue": PACKAGE}


def template(wait: int) -> dict[str, Any]:
    """A template with a declared number beside a reference."""
    value = {"Fn::Join": ["", [f'{{"waitSeconds": {wait}, "package": "', {"Ref": "ReleasedModelPackage"}, '"}']]}
    return {
        "Parameters": {"ReleasedModelPackage": {"Type": "String", "Default": ""}},
        "Conditions": {"IsReleased": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ReleasedModelPackage"}, ""]}]}},
        "Resources": {"Always": parameter(), "Endpoint": parameter(value, Condition="IsReleased")},
    }


class Released:
    """A stack with a model released after its deploy, and the CLI."""

    def __init__(self, sandbox: OwnSandbox, aws: Callable[..., Any], assembly: Path) -> None:
        self.stack = Stack(aws)
        self._sandbox, self._assembly = sandbox, assembly
        assert self.stack.created(template(300)) == "CREATE_COMPLETE"
        self.stack.api.update_stack(StackName=self.stack.name, UsePreviousTemplate=True, Parameters=[RELEASED])
        assert self.stack.settled() == "UPDATE_COMPLETE"

    def cdk(self, *arguments: str, wait: int, **variables: str) -> str:
        """Run the CLI with the configuration of this checkout; returns its words."""
        artifact = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://000000000000/us-east-1",
            "properties": {"templateFile": "stack.template.json"},
        }
        manifest = {"version": "48.0.0", "artifacts": {self.stack.name: artifact}}
        (self._assembly / "manifest.json").write_text(json.dumps(manifest))
        (self._assembly / "stack.template.json").write_text(json.dumps(template(wait)))
        command = ["cdk", *arguments, "--app", str(self._assembly), "--no-notices", "--no-color"]
        environment = self._sandbox.environment | self._sandbox.exports | variables
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr


@pytest.fixture
def released(sandbox: OwnSandbox, aws: Callable[..., Any], tmp_path: Path) -> Released:
    return Released(sandbox, aws, tmp_path)


def test_a_diff_tells_what_changes_in_what_is_released(released: Released) -> None:
    said = released.cdk("diff", wait=60)
    assert "[~] AWS::SSM::Parameter Endpoint" in said
    assert "waitSeconds" in said
    assert "Number of stacks with differences: 1" in said


def test_a_diff_of_no_change_tells_none(released: Released) -> None:
    said = released.cdk("diff", wait=300)
    assert "There were no differences" in said
    assert "Number of stacks with differences: 0" in said


def test_a_change_set_that_a_deploy_prepares_keeps_what_is_released(released: Released) -> None:
    released.cdk("deploy", "--method=prepare-change-set", "--change-set-name=edited", wait=60)
    prepared = released.stack.api.describe_change_set(StackName=released.stack.name, ChangeSetName="edited")
    changes = [change["ResourceChange"] for change in prepared["Changes"]]
    assert [(change["Action"], change["LogicalResourceId"]) for change in changes] == [("Modify", "Endpoint")]
    assert prepared["Parameters"] == [RELEASED]


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ("diff", "diff --method=template"),
        ("-c environment=local diff one two -e", "-c environment=local diff one two -e --method=template"),
        ("diff --method=change-set", "diff --method=change-set"),
        ("diff -m auto", "diff -m auto"),
        ("diff --no-change-set", "diff --no-change-set"),
        ("diff --change-set-name mine", "diff --change-set-name mine"),
        ("diff --parameters ReleasedModelPackage=one", "diff --parameters ReleasedModelPackage=one"),
        ("diff --import-existing-resources", "diff --import-existing-resources"),
        ("deploy --all", "deploy --all"),
    ],
)
def test_the_plug_in_chooses_only_for_a_diff_that_leaves_it_open(tmp_path: Path, words: str, runs: str) -> None:
    cli = tmp_path / "cdk.js"
    plugin = json.dumps(str(ROOT / "dev" / "cdk_plugin.js"))
    cli.write_text(f"require({plugin}).init(); console.log(process.argv.slice(2).join(' ')); process.exitCode = 3")
    ended = subprocess.run(["node", str(cli), *words.split()], capture_output=True, text=True, check=False)
    assert (ended.stdout.strip(), ended.returncode) == (runs, 3)
