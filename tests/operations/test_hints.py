"""The commands in messages, alarms and pages, read by the real command line."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import command_lines
import pytest
from outcome import ROOT

from operations.commands import approve
from specs import hints
from training.common.report import reproduce

OPERATIONS = {name: hint for name, hint in vars(hints).items() if hasattr(hint, "__wrapped__")}
SAMPLES = {
    "environment": "local", "model": "digits-cnn", "version": 3, "folder": "docs", "file": "README.md",
    "execution": "arn:execution", "step": "train", "set": "epochs=1", "wait": True, "watch": True,
}  # fmt: skip
WRITTEN_BY_HINTS = ("operations", "demo", "stacks", "specs", "dev")
PAGES = sorted(
    path for folder in ("", "docs", "tests", "benchmarks", "sandbox") for path in (ROOT / folder).glob("*.md")
)


def kept(values: dict[str, object]) -> set[str]:
    """The values that a command line has read, in words."""
    lists = [value if isinstance(value, list | tuple) else [value] for value in values.values()]
    return {str(item) for items in lists for item in items}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_the_command_line_reads_every_argument_of_a_hint(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    given = {parameter: SAMPLES[parameter] for parameter in inspect.signature(OPERATIONS[name]).parameters}
    text = OPERATIONS[name](**given)
    (command,) = command_lines.commands_in(text)
    assert text == f"python -m operations {command}", "it is found whole in any text"
    assert {str(value) for value in given.values()} <= kept(command_lines.read(command))


def test_a_hint_leaves_out_what_is_not_given() -> None:
    assert hints.approve("local", "digits-cnn") == "python -m operations approve local digits-cnn"
    expected = "python -m operations approve local digits-cnn 2 --wait"
    assert hints.approve("local", "digits-cnn", 2, wait=True) == expected


def test_an_option_that_a_command_lacks_is_refused() -> None:
    with pytest.raises(TypeError, match="wait"):
        hints.rollback("local", "digits-cnn", wait=True)  # type: ignore[call-arg]
    refused = "rollback local digits-cnn --version 1"
    with pytest.raises(Exception, match="No such option"):
        command_lines.read(refused)


@pytest.mark.parametrize(
    ("hint", "verb"), [(hints.deploy, "deploy"), (hints.destroy, "destroy"), (hints.continue_rollback, "rollback")]
)
def test_the_cdk_cli_has_the_command(hint, verb: str) -> None:
    cdk, given, stack, *options = hint("local", "STACK").split()
    shown = subprocess.run([ROOT / "node_modules/.bin/cdk", verb, "--help"], capture_output=True, text=True, check=True)
    assert (cdk, given, stack, options) == ("cdk", verb, "STACK", ["-c", "environment=local"])
    assert f"cdk {verb} [STACKS..]" in shown.stdout
    assert "--context, -c" in shown.stdout


def texts(file: Path) -> Iterator[ast.Constant]:
    """The strings of a file's code, without its docstrings."""
    tree = ast.parse(file.read_text())
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node


def test_no_other_file_writes_a_command() -> None:
    files = [file for folder in WRITTEN_BY_HINTS for file in sorted((ROOT / folder).rglob("*.py"))]
    written = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in files
        if file != ROOT / "specs/hints.py"
        for node in texts(file)
        if "python -m operations" in node.value or "-c environment=" in node.value
    ]
    assert files
    assert written == [], "write it as specs.hints does"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_a_page_can_be_typed(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for command in command_lines.commands_in(page.read_text()):
        assert command_lines.exists(command.split()[0]), command
        if " " in command:
            command_lines.read(command)


def test_every_command_of_a_template_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alarms, notices, and the causes of a workflow's failures."""
    monkeypatch.chdir(ROOT)
    templates = sorted((ROOT / "tests/stacks/__snapshots__").rglob("*.*"))
    found = {command for file in templates for command in command_lines.commands_in(file.read_text())}
    assert {"status", "train", "rollback", "approve", "invoke"} <= {command.split()[0] for command in found}
    for command in found:
        command_lines.read(command)


def test_every_example_of_a_command_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for file in sorted((Path(approve.__file__).parent).glob("[a-z]*.py")):
        found = list(command_lines.commands_in(file.read_text()))
        assert found, f"{file.name} has no example"
        for command in found:
            command_lines.read(command)


def test_the_commands_of_a_report_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs write them, and know nothing of the specs."""
    monkeypatch.chdir(ROOT)
    execution = {"environment": "local", "model": "digits-cnn", "search": {"ranges": {}}, "overrides": {"epochs": 1}}
    found = list(command_lines.commands_in(re.sub("<[^>]+>", "\n", reproduce.section(execution).html)))
    assert [command.split()[0] for command in found] == ["upload", "train", "train"]
    for command in found:
        command_lines.read(command)
