"""Commands of `operations` in any text, read by the real command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import typer

from operations.cli import app

_COMMAND = re.compile(r"([a-z]+)((?: +(?![#(&|])[^\s`'\"(){}|,;\\]+| +\"[^\"]*\")*)")
_WORDS = {
    "ENVIRONMENT": "local",
    "MODEL": "digits-cnn",
    "NAME": "digits-cnn",
    "VERSION": "1",
    "FOLDER": "docs",
    "FILE": "README.md",
}
"""Values for the words that stand for one, and for what an example names and this checkout lacks."""
_LACKING = {".png", ".txt", ".json", ".npy"}


def commands_in(text: str) -> Iterator[str]:
    """The commands in a text, each to the end of its line, quotation or sentence."""
    for piece in text.split("python -m operations ")[1:]:
        if found := _COMMAND.match(piece):
            words = re.split(r"[.:]$|[.:] ", found[2])[0]
            yield f"{found[1]}{words}"


def read(command: str) -> dict[str, Any]:
    """The parameters that the command line reads in `COMMAND ARGUMENTS`. Raises what it would refuse them with."""
    name, *arguments = shlex.split(re.sub(r"<[^>]*>", "1", command))
    return _command(name).make_context(name, [_word(argument) for argument in arguments]).params


def exists(command: str) -> bool:
    """Tell whether the command line has a command of this name."""
    return command in _group().commands


def _word(argument: str) -> str:
    if any(argument.endswith(suffix) for suffix in _LACKING):
        return "package.json"
    return _WORDS.get(argument, argument)


def _group() -> Any:
    return typer.main.get_command(app)


def _command(name: str) -> Any:
    return _group().commands[name]
