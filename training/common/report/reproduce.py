"""The commands that make the same model again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from html import escape
from typing import Any

from pages.markup import Markup, join, missing, note
from pages.page import Section

TITLE = "Reproduce"
SEARCHED = "To train with what this search found, without searching again:"
DIRTY = "The working tree had changes that were not committed: the commit alone is not this code. The code archive is."


def section(execution: Mapping[str, Any], why_missing: str = "") -> Section:
    """Shell commands from execution.json: check out, upload, train."""
    environment, model = execution.get("environment"), execution.get("model")
    if not environment or not model:
        return Section(TITLE, missing(why_missing or "The execution's description names no environment and model."))
    where = f"{shlex.quote(environment)} {shlex.quote(model)}"
    commit = execution.get("commit") or ""
    search = ["--tune"] if execution.get("search") else []
    lines = [
        f"git checkout {commit.removesuffix('-dirty')}" if commit else "",
        f"python -m operations upload {where} FOLDER",
        " ".join(["python -m operations train", where, *search, *sets(execution.get("overrides") or {})]),
    ]
    parts = [_said(execution, commit), commands([line for line in lines if line])]
    if search:
        parts += [note(SEARCHED), commands([_found(execution, where)])]
    return Section(TITLE, join(*parts))


def _said(execution: Mapping[str, Any], commit: str) -> Markup:
    dataset = (execution.get("data") or {}).get("dataset") or "the data set"
    sentence = f"FOLDER holds the files of {dataset}; files that are in the bucket already are not sent again."
    return join(note(sentence), missing(DIRTY) if commit.endswith("-dirty") else "")


def _found(execution: Mapping[str, Any], where: str) -> str:
    """The overrides, and the value that the search found for each hyperparameter that it varied."""
    values, varied = execution.get("hyperparameters") or {}, execution["search"].get("ranges") or {}
    found = {name: values[name] for name in varied if name in values}
    return " ".join(["python -m operations train", where, *sets((execution.get("overrides") or {}) | found)])


def sets(values: Mapping[str, Any]) -> list[str]:
    """The options of `operations train` that set hyperparameters."""
    return [f"--set {shlex.quote(f'{name}={_word(value)}')}" for name, value in values.items()]


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def commands(lines: list[str]) -> Markup:
    """Shell commands to copy."""
    return Markup(f'<div class="commands"><pre tabindex="0">{escape(chr(10).join(lines))}</pre></div>')
