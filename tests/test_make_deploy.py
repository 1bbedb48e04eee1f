"""`make deploy`, `diff` and `destroy`: one synthesis, and never another account than the one that is meant."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from own_checkout import own_checkout
from own_sandbox import ROOT, OwnSandbox
from stack_lab import Stack, parameter

CLI = """#!/bin/sh
# Stands in for the CDK CLI: records its arguments and the environment.
echo "$*" >> "$RECORD/calls"
env > "$RECORD/environment"
case $1 in synth) mkdir -p "$6" ;; esac
"""
STACK = "aws:cloudformation:stack"
TEMPLATE = {"Resources": {"Only": parameter()}}
NETWORK, FOUNDATION, TRAINING = "slipway-local-network", "slipway-local-foundation", "slipway-local-digits-cnn-training"
SIGNED_IN = {
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "AWS_REGION": "eu-west-1",
}


@dataclass(frozen=True)
class Checkout:
    """A checkout with a CLI that only records."""

    folder: Path
    record: Path
    environment: dict[str, str]

    def make(self, *words: str, **own: str) -> str:
        """Run make with everything installed, signed in to an account; returns its output."""
        variables = self.environment | SIGNED_IN | {"RECORD": str(self.record)} | own
        command = ["make", "--no-print-directory", "-o", "install", *words]
        ended = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def synthesized(self, *stacks: str) -> None:
        """Fill the assembly with stacks, which the recording CLI does not."""
        self.make("synth")
        artifacts = {name: {"type": STACK, "properties": {"templateFile": "template.json"}} for name in stacks}
        folder = self.folder / "cdk.out" / "local"
        (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
        (folder / "template.json").write_text(json.dumps(TEMPLATE))

    def calls(self) -> list[str]:
        return (self.record / "calls").read_text().splitlines()

    def variables(self) -> dict[str, str]:
        """The variables of the last call."""
        lines = (self.record / "environment").read_text().splitlines()
        return dict(line.partition("=")[::2] for line in lines)


@pytest.fixture
def checkout(sandbox: OwnSandbox, tmp_path: Path) -> Checkout:
    folder, record = tmp_path / 'it\'s a "checkout" #d', tmp_path / "record"
    folder.mkdir()
    record.mkdir()
    own_checkout(folder, "digits-cnn", "reviews-lstm")
    shutil.copy(ROOT / "environments" / "dev.toml", folder / "environments")
    (folder / "node_modules").unlink()
    cli = folder / "node_modules" / ".bin" / "cdk"
    cli.parent.mkdir(parents=True)
    (folder / "node_modules" / ".installed").touch()
    cli.write_text(CLI)
    cli.chmod(0o755)
    return Checkout(folder, record, dict(sandbox.environment))


def test_local_is_the_sandbox_whoever_is_signed_in(checkout: Checkout, sandbox: OwnSandbox) -> None:
    checkout.make("deploy")
    synthesis, deployment = checkout.calls()
    assert synthesis == "synth --quiet -c environment=local --output cdk.out/local"
    assert deployment == "deploy --all --app cdk.out/local --strict --require-approval never --concurrency 8"
    variables = checkout.variables()
    assert variables["AWS_ENDPOINT_URL"] == sandbox.url
    assert variables["AWS_ACCESS_KEY_ID"] == variables["AWS_SECRET_ACCESS_KEY"] == "test"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & variables.keys()


def test_a_new_sandbox_is_bootstrapped_by_the_same_assembly(checkout: Checkout, sandbox: OwnSandbox) -> None:
    checkout.make("bootstrap")
    assert checkout.calls()[-1] == "bootstrap --app cdk.out/local"
    assert checkout.variables()["AWS_ENDPOINT_URL"] == sandbox.url


def test_an_account_is_that_of_the_shell_and_asks(checkout: Checkout) -> None:
    """Leave approval to the CLI, one stack at a time: else its question is an error."""
    checkout.make("deploy", "ENVIRONMENT=dev", "STACKS=slipway-dev-network slipway-dev-*-serving", "ARGS=--exclusively")
    expected = "deploy slipway-dev-network slipway-dev-*-serving --app cdk.out/dev --strict --exclusively"
    assert checkout.calls()[-1] == expected
    variables = checkout.variables()
    assert "AWS_ENDPOINT_URL" not in variables
    assert SIGNED_IN.items() <= variables.items()


@pytest.mark.parametrize("target", ["bootstrap", "diff", "deploy", "destroy"])
def test_a_shell_that_points_to_the_sandbox_deploys_to_no_account(checkout: Checkout, target: str) -> None:
    """It is said before anything is synthesized."""
    with pytest.raises(AssertionError, match="this shell points to the sandbox"):
        checkout.make(target, "ENVIRONMENT=dev", AWS_ENDPOINT_URL="http://127.0.0.1:4566")
    assert not (checkout.record / "calls").exists()


@pytest.fixture
def network(aws: Callable[..., Any]) -> Iterator[None]:
    """A deployed stack, and one that only a change set announces."""
    deployed, announced = Stack(aws, NETWORK), Stack(aws, FOUNDATION)
    deployed.created(TEMPLATE)
    announced.change_set(TEMPLATE, ChangeSetType="CREATE")
    yield
    for stack in (deployed, announced):
        stack.delete()
        stack.settled()


@pytest.mark.usefixtures("network")
def test_a_diff_is_of_what_is_deployed(checkout: Checkout) -> None:
    """Right after the demo, the stacks of the other models would be 800 lines."""
    checkout.synthesized(NETWORK, FOUNDATION, TRAINING)
    said = checkout.make("diff", "ARGS=--security-only")
    assert checkout.calls()[-1] == f"diff {NETWORK} --exclusively --app cdk.out/local --security-only"
    assert said.splitlines()[1:] == [
        "Not deployed, and not compared (2 of 3 stacks):",
        f"  {FOUNDATION}, with 1 resources",
        f"  {TRAINING}, with 1 resources",
        f"To see one whole: make diff STACKS={FOUNDATION}",
    ]


@pytest.mark.usefixtures("network")
def test_a_diff_of_everything_deployed_says_no_more(checkout: Checkout) -> None:
    checkout.synthesized(NETWORK)
    said = checkout.make("diff")
    assert checkout.calls()[-1] == f"diff {NETWORK} --exclusively --app cdk.out/local"
    assert said.splitlines() == ["Nothing changed since cdk.out/local was written."]


@pytest.mark.usefixtures("network")
def test_a_diff_names_what_is_deployed_and_no_longer_declared(checkout: Checkout) -> None:
    checkout.synthesized(TRAINING)
    assert f"Declared no longer, and left as it is by a deploy: {NETWORK}\n" in checkout.make("diff")


def test_a_diff_compares_nothing_while_nothing_is_deployed(checkout: Checkout) -> None:
    checkout.synthesized(TRAINING)
    said = checkout.make("diff")
    assert [call.split()[0] for call in checkout.calls()] == ["synth"]
    assert "Not deployed, and not compared (1 of 1 stacks):" in said


def test_a_diff_of_named_stacks_shows_them_whole(checkout: Checkout) -> None:
    checkout.synthesized(TRAINING)
    checkout.make("diff", f"STACKS={TRAINING}")
    assert checkout.calls()[-1] == f"diff {TRAINING} --app cdk.out/local"


def test_what_did_not_change_is_not_synthesized_again(checkout: Checkout) -> None:
    """One synthesis until an edit, or the loss of a file."""
    checkout.make("diff", "STACKS=one")
    checkout.make("deploy")
    checkout.make("destroy", "ARGS=--force")
    assert [call.split()[0] for call in checkout.calls()] == ["synth", "diff", "deploy", "destroy"]
    for model, change in (("digits-cnn", os.utime), ("reviews-lstm", os.unlink)):
        change(checkout.folder / "models" / f"{model}.toml")
        checkout.make("diff", "STACKS=one")
        assert [call.split()[0] for call in checkout.calls()][-2:] == ["synth", "diff"]
    checkout.make("diff", "ENVIRONMENT=dev", "STACKS=one")
    assert checkout.calls()[-2] == "synth --quiet -c environment=dev --output cdk.out/dev"


def test_a_failed_synthesis_deploys_nothing(checkout: Checkout) -> None:
    checkout.make("synth")
    (checkout.folder / "node_modules" / ".bin" / "cdk").write_text("#!/bin/sh\nexit 1\n")
    os.utime(checkout.folder / "models" / "digits-cnn.toml")
    for _ in range(2):
        with pytest.raises(AssertionError):
            checkout.make("deploy")
    assert [call.split()[0] for call in checkout.calls()] == ["synth"]
