"""`make deploy`, `diff` and `destroy`: one synthesis, and never another account than the one that is meant."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from own_checkout import own_checkout
from own_sandbox import ROOT, OwnSandbox

CLI = """#!/bin/sh
# Stands in for the CDK CLI: records its arguments and the environment.
echo "$*" >> "$RECORD/calls"
env > "$RECORD/environment"
case $1 in synth) mkdir -p "$6" ;; esac
"""
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

    def make(self, *words: str, **own: str) -> None:
        """Run make with everything installed, in a shell that is signed in to an account."""
        variables = self.environment | SIGNED_IN | {"RECORD": str(self.record)} | own
        command = ["make", "--no-print-directory", "-o", "install", *words]
        ended = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr

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


def test_what_did_not_change_is_not_synthesized_again(checkout: Checkout) -> None:
    """One synthesis until an edit, or the loss of a file."""
    checkout.make("diff")
    checkout.make("deploy")
    checkout.make("destroy", "ARGS=--force")
    assert [call.split()[0] for call in checkout.calls()] == ["synth", "diff", "deploy", "destroy"]
    for model, change in (("digits-cnn", os.utime), ("reviews-lstm", os.unlink)):
        change(checkout.folder / "models" / f"{model}.toml")
        checkout.make("diff")
        assert [call.split()[0] for call in checkout.calls()][-2:] == ["synth", "diff"]
    checkout.make("diff", "ENVIRONMENT=dev")
    assert checkout.calls()[-2] == "synth --quiet -c environment=dev --output cdk.out/dev"


def test_a_failed_synthesis_deploys_nothing(checkout: Checkout) -> None:
    checkout.make("synth")
    (checkout.folder / "node_modules" / ".bin" / "cdk").write_text("#!/bin/sh\nexit 1\n")
    os.utime(checkout.folder / "models" / "digits-cnn.toml")
    for _ in range(2):
        with pytest.raises(AssertionError):
            checkout.make("deploy")
    assert [call.split()[0] for call in checkout.calls()] == ["synth"]
