"""Every command in the pages is one that exists, with its options."""

from __future__ import annotations

import functools
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from sandbox.cli import app as sandbox
from typer.exceptions import TyperException

from operations.cli import app as operations
from specs import SpecError, Specs, load

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (
        ROOT / "README.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "sandbox").glob("*.md"),
        ROOT / "tests/README.md",
    )
    if path.name != "acknowledgements.md"  # reasons and identifiers, no commands
)
BLOCK = re.compile(r"^ *```(?:sh|bash|console)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
PLACEHOLDER = re.compile(r"[A-Z][A-Z-]*|\.\.\.")
APPS = {"operations": operations, "sandbox": sandbox}
VARIABLES = {"ARGS", "ENVIRONMENT", "MODEL", "PYTHON", "STACKS"}
MADE = {"clothes-cnn"}
"""The model that docs/add-a-model.md makes."""


class Unknown(Exception):
    """When a page names a command that does not exist."""


def commands(text: str) -> Iterator[list[str]]:
    """The commands of one line of a shell, without its comment, its output and variables."""
    lexer = shlex.shlex(text.removeprefix("$ "), posix=True, punctuation_chars="&|;>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    words: list[str] = []
    for word in [*lexer, "&&"]:
        if set(word) <= set("&|;>"):
            if words:
                yield words
            words = [] if ">" not in word else ["echo"]  # the name of a file follows
        elif words or "=" not in word:
            words.append(word)


def check_line(line: str, specs: Specs, *, whole: bool) -> None:
    for words in commands(line):
        check(words, specs, whole=whole)


def check(words: list[str], specs: Specs, *, whole: bool) -> None:
    """Raise ``Unknown`` or typer's error for a command that is refused. A mention need not be whole."""
    match words:
        case ["make", *rest]:
            _check_make(rest)
        case ["cdk", *rest]:
            _check_cdk(rest, specs)
        case ["python" | ".venv/bin/python", "-m", module, *rest] if module in APPS:
            _check_app(APPS[module], module, rest, whole=whole)
            if module == "operations":
                _check_names(rest[1:], specs)
        case ["python" | ".venv/bin/python", "-m", module, *_] if not re.match(
            r"benchmarks\.|pip|pytest|sandbox\.", module
        ):
            raise Unknown(f"python -m {module}")


def _check_make(words: list[str]) -> None:
    targets = re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    known = {target for line in targets for target in line.split()}
    for word in words:
        name, assigned, _ = word.partition("=")
        if name not in (VARIABLES if assigned else known) and not PLACEHOLDER.fullmatch(word):
            raise Unknown(f"make {word}")


def _check_cdk(words: list[str], specs: Specs) -> None:
    if not words:
        return
    known = _cdk_help(words[0])
    for word in words[1:]:
        if word.startswith("-") and word.split("=")[0] not in known:
            raise Unknown(f"cdk {words[0]} {word}")
        if word.startswith("environment="):
            _require_environment(word.partition("=")[2], specs)


@functools.cache
def _cdk_help(verb: str) -> set[str]:
    environment = os.environ | {"PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"}
    command = [str(ROOT / "node_modules/.bin/cdk"), verb, "--help"]
    shown = subprocess.run(
        command, cwd=ROOT / "docs", env=environment, capture_output=True, text=True, check=False
    ).stdout
    if f"cdk {verb}" not in shown:
        raise Unknown(f"cdk {verb}")
    return set(re.findall(r"(?<![\w-])--?[\w-]+", shown))


def _check_app(app: typer.Typer, name: str, words: list[str], *, whole: bool) -> None:
    """Parse as the command line itself does, and run nothing."""
    command: Any = typer.main.get_command(app)
    given = [word for word in words if word not in {"...", "--help"}]
    context = None
    while hasattr(command, "resolve_command"):
        if not given:
            return  # the command line itself is meant
        context = command.make_context(name, list(given), parent=context)
        name, command, given = command.resolve_command(context, given)
    try:
        command.make_context(name, given, parent=context, resilient_parsing=not whole)
    except TyperException as error:
        if not re.match(r"(file|dir) '.+' does not exist", str(getattr(error, "message", ""))):
            raise  # the person's file is no fault of the page


def _check_names(words: list[str], specs: Specs) -> None:
    if words and not words[0].startswith("-"):
        _require_environment(words[0], specs)
    known = MADE | {model.name for model in specs.models}
    for model in words[1:2]:
        if model not in known and not model.startswith("-") and not PLACEHOLDER.fullmatch(model):
            raise Unknown(f"no model {model}")


def _require_environment(name: str, specs: Specs) -> None:
    if not PLACEHOLDER.fullmatch(name):
        specs.environment(name)


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load(ROOT)


@pytest.mark.parametrize(
    "line",
    [
        "make deplo",
        'make deploy STACK="slipway-local-*"',
        "cdk deploi --all",
        "cdk deploy --al -c environment=dev",
        "cdk deploy --all -c environment=dve  # a comment",
        "python -m operation status local",
        "python -m operations statu local digits-cnn",
        "python -m operations rollback local digits-cnn --version 1",
        "python -m operations train local digits-cnn --watch && python -m operations approve local digits-cnn --wai",
        "python -m operations status local digits-cn",
        "python -m operations report locale digits-cnn",
        "python -m operations invoke local digits-cnn",
        'eval "$(python -m sandbox env)" && python -m sandbox fault add no-such-kind',
        "$ python -m sandbox expire yesterday",
        'echo "x" > x.txt && make nothing',
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str, specs: Specs) -> None:
    with pytest.raises((Unknown, TyperException, SpecError)):
        check_line(line, specs, whole=True)


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_exist(page: str, specs: Specs) -> None:
    text = (ROOT / page).read_text()
    refused = []
    shell = [line.strip() for block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    for whole, lines in ((True, shell), (False, INLINE.findall(BLOCK.sub("", text)))):
        for line in lines:
            try:
                check_line(line, specs, whole=whole)
            except (Unknown, TyperException, SpecError, ValueError) as error:
                refused.append(f"{line}: {error}")
    assert refused == []
