"""`make dev` as a person uses it: an edit is compared, Enter deploys it, a fault is told and changes nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from own_checkout import own_checkout
from own_sandbox import OwnSandbox
from sandboxes import NewSandbox
from waiting import until

TRAINING = "slipway-local-digits-cnn-training"
_STARTED = 300  # seconds: the CDK starts cold, perhaps beside other tests


@dataclass(frozen=True)
class Dev:
    """A running `python -m dev watch local` on a checkout of its own."""

    checkout: Path
    sandbox: OwnSandbox
    process: subprocess.Popen[str]
    words: Path

    def heard(self, words: str, times: int = 1) -> None:
        until(lambda: self.words.read_text().count(words) >= times, _STARTED)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the checkout."""
        path = self.checkout / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def enter(self) -> None:
        """Press Enter."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def threshold(self) -> str:
        """The part of the deployed workflow that holds the model's threshold."""
        found = self.sandbox.aws("cloudformation").get_template(StackName=TRAINING)["TemplateBody"]
        return str(found["Resources"])


@pytest.fixture
def dev(new_sandbox: NewSandbox, tmp_path: Path) -> Iterator[Dev]:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    own_checkout(checkout, "digits-cnn")
    (checkout / "stacks").unlink()
    shutil.copytree(Path("stacks"), checkout / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    with new_sandbox(CDK_HOME=str(tmp_path / "cdk")).running() as sandbox:
        environment = sandbox.environment | sandbox.exports
        bootstrap = ["cdk", "bootstrap", "aws://000000000000/us-east-1", "--no-notices"]
        subprocess.run(bootstrap, cwd=tmp_path, env=environment, capture_output=True, check=True)
        words = tmp_path / "words"
        with words.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "dev", "watch", "local"],
                cwd=checkout,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        try:
            yield Dev(checkout, sandbox, process, words)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
            assert process.stdin is not None
            process.stdin.close()


def test_edits_are_compared_and_deployed_on_enter(dev: Dev) -> None:
    dev.heard("5 stacks in ")
    assert "+  the stack, with" in dev.words.read_text()
    dev.enter()
    dev.heard("All is deployed.")
    assert "'0.987654'" not in dev.threshold()

    dev.edit("models/digits-cnn.toml", "threshold = 0.99 ", "threshold = 0.987654 ")
    dev.heard("5 stacks in ", 2)
    told = dev.words.read_text().rpartition("models/digits-cnn.toml")[2]
    assert told.splitlines()[1:3] == [
        TRAINING,
        next(line for line in told.splitlines() if line.startswith("  ~  AWS::StepFunctions::StateMachine")),
    ]
    assert ": 1 to deploy. Enter deploys it, Ctrl-C ends." in told
    dev.enter()
    dev.heard("All is deployed.", 2)
    assert "0.987654" in dev.threshold()

    dev.edit("models/digits-cnn.toml", "threshold = 0.987654 ", 'threshold = "high" ')
    dev.heard("models/digits-cnn.toml, line")
    dev.enter()
    dev.heard("There is nothing to deploy.")

    dev.edit("models/digits-cnn.toml", 'threshold = "high" ', "threshold = 0.987654 ")
    dev.heard(": nothing to deploy.")
    dev.edit("stacks/synthesis.py", "    build(app", "    1 / 0\n    build(app")
    dev.heard("ZeroDivisionError")
    dev.edit("stacks/synthesis.py", "    1 / 0\n    build(app", "    build(app")
    dev.heard(": nothing to deploy.", 2)


def test_an_unknown_environment_is_one_report(tmp_path: Path, sandbox: OwnSandbox) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "dev", "watch", "nowhere"],
        env=sandbox.environment | sandbox.exports,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "nowhere" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_an_interrupt_while_the_cdk_starts_ends_without_a_traceback(tmp_path: Path, sandbox: OwnSandbox) -> None:
    own_checkout(tmp_path, "digits-cnn")
    words = tmp_path / "words"
    with words.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "dev", "watch", "local"],
            cwd=tmp_path,
            env=sandbox.environment | sandbox.exports,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    until(lambda: "Starting the CDK" in words.read_text(), _STARTED)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does at Ctrl-C
    process.wait(60)
    assert "Traceback" not in words.read_text()
