"""The command line: help, arguments that are refused, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from outcome import ROOT, Run

COMMANDS = sorted(path.stem for path in (ROOT / "operations" / "commands").glob("[a-z]*.py"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_with_an_example(operations: Run, command: str) -> None:
    shown = operations(command, "--help")
    assert shown.code == 0
    assert f"Example: python -m operations {command} local" in shown.out
    assert "--json" in shown.out


def test_help_names_every_command_and_loads_no_library_of_a_command() -> None:
    script = (
        "import sys; sys.argv = ['operations', '--help']\n"
        "from operations.cli import main\n"
        "try: main()\n"
        "finally: print(*{'boto3', 'numpy', 'aws_cdk', 'tensorflow'} & set(sys.modules), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [command for command in COMMANDS if f"  {command} " not in shown.stdout] == []
    assert shown.stderr.strip() == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("upload", "local"), "Missing argument 'MODEL'"),
        (("upload", "local", "digits-cnn", "/nonexistent"), "does not exist"),
        (
            ("upload", "local", "digits-cnn", "docs"),
            "docs lacks train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-",
        ),
        (("upload", "lokal", "digits-cnn", "docs"), "no environment 'lokal' in environments/"),
        (("status", "lokal"), "Did you mean local?"),
        (("tracking", "lokal"), "Did you mean local?"),
        (("tracking", "local", "--seconds", "301"), "should be less than or equal to 300"),
        (("train", "local", "digits"), "no model 'digits' in models/; there is digits-cnn"),
        (("train", "local", "digits-cnn", "--set", "nope=1"), "--set nope=1: there is no hyperparameter nope"),
        (("train", "local", "digits-cnn", "--set", "dropout=1"), "dropout is '1', and must be a number from 0 to 0.95"),
        (("approve", "local", "digits-cnn", "0"), "should be greater than or equal to 1"),
        (("approve", "local", "digits-cnn", "new"), "should be a valid integer"),
        (("invoke", "local", "digits-cnn"), "Missing argument"),
        (("invoke", "local", "digits-cnn", "README.txt"), "does not exist"),
        (
            ("invoke", "local", "digits-cnn", "pyproject.toml"),
            "its suffix names no content type; use .png, .json, .npy",
        ),
        (
            ("invoke", "local", "digits-cnn", "package.json", "--output", "a.png"),
            "digits-cnn answers in application/json",
        ),
        (("empty", "local"), "confirm it with --confirm local"),
        (("empty", "prod", "--confirm", "prod"), 'environments/prod.toml declares [retention] data = "retain"'),
        (("empty", "local", "--confirm", "dev"), "--confirm dev is not the environment's name"),
        (("retention", "lokal"), "Did you mean local?"),
        (("logs", "local", "digits-cnn", "trian"), "'trian' is not one of 'prepare', 'tune', 'train', 'evaluate'"),
        (("logs", "local", "digits-cnn", "train", "--lines", "0"), "Invalid value for"),
        (("watch", "local", "digits-cnn", "--nope"), "No such option"),
        (("deploy", "local"), "No such command 'deploy'"),
    ],
)
def test_bad_input_is_refused(operations: Run, arguments: tuple[str, ...], sentence: str) -> None:
    refused = operations(*arguments)
    assert refused.code == 2
    assert sentence in " ".join(refused.err.split())
    assert refused.out == ""
    assert "Traceback" not in refused.err


def test_outside_a_checkout(operations: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = operations("status", "local")
    assert (refused.code, refused.out) == (2, "")
    assert "run this in a checkout" in refused.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("rollback", "local", "digits-cnn"), "set digits-cnn under [release.pinned] in environments/local.toml"),
        (("approve", "local", "digits-cnn", "--wait"), "releases by pin, so no release follows"),
    ],
    ids=["rollback", "approve --wait"],
)
def test_where_versions_are_pinned_no_command_releases(
    operations: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], sentence: str
) -> None:
    for folder in ("models", "training", "inference"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "environments").mkdir()
    declared = (ROOT / "environments/local.toml").read_text()
    pinned = declared.replace('source = "registry"', 'source = "pin"\npinned = { digits-cnn = 1 }')
    (tmp_path / "environments/local.toml").write_text(pinned)
    monkeypatch.chdir(tmp_path)
    refused = operations(*arguments)
    assert (refused.code, refused.out) == (2, "")
    assert sentence in refused.err


def test_problems_of_the_specs_are_reported(operations: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "local.toml").write_text("account = [\n")
    monkeypatch.chdir(tmp_path)
    refused = operations("status", "local")
    assert (refused.code, refused.out) == (2, "")
    assert "environments/local.toml" in refused.err
