"""Rules about hyperparameters, in the words in which the training code would refuse them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from specs import words
from specs.document import Document, keys
from specs.model import hyperparameter_text
from specs.tuning_rules import DECLARED, ENDS, TUNING
from specs.words import Path
from training.common.hyperparameters import Bounded, Choice, Parameter, Table, missing, refusal


def check(model: Document, table: Table) -> None:
    """Check declared values and ranges by the table of the model's package."""
    declared = model.value(DECLARED)
    for name in keys(declared):
        _check_value(model, (*DECLARED, name), name, table)
    misspelt = {words.nearest(name, table) for name in keys(declared) if name not in table}
    for name in table if declared is None or isinstance(declared, dict) else ():
        if name not in keys(declared) and name not in misspelt:
            _refuse_missing(model, name, table)
    for key in ("ranges", "hyperparameters"):
        for name in keys(model.value((*TUNING, key))):
            if name not in table:
                _refuse_unknown(model, (*TUNING, key, name), name, table)
    for name in keys(model.value((*TUNING, "ranges"))):
        _range_of_words(model, name, table)
    for path, name in _tuned(model):
        if name in table:
            _check_value(model, path, name, table)


def _tuned(model: Document) -> Iterator[tuple[Path, str]]:
    """Yield path and hyperparameter of each value that a trial may get.

    A range gives its ends.
    """
    for name in keys(model.value((*TUNING, "hyperparameters"))):
        yield (*TUNING, "hyperparameters", name), name
    for name in keys(model.value((*TUNING, "ranges"))):
        path = (*TUNING, "ranges", name)
        for end in ENDS:
            yield (*path, end), name
        values = model.value((*path, "values"))
        for index in range(len(values) if isinstance(values, list) else 0):
            yield (*path, "values", index), name


def _check_value(model: Document, path: Path, name: str, table: Table) -> None:
    value = model.sound(*path)
    if value is not None and name not in table:
        _refuse_unknown(model, path, name, table)
    elif value is not None and (sentence := refusal(table, name, hyperparameter_text(value))) is not None:
        write = _nearest(table[name], value)
        model.refuse(path, words.plain(sentence), allowed=table[name].allowed, write=write)


def _refuse_unknown(model: Document, path: Path, name: str, table: Table) -> None:
    near = words.nearest(name, table)
    message = words.plain(refusal(table, name, "") or "")
    allowed = words.either(table) if table else "nothing: the model has no hyperparameters"
    write = _line(model, path, near, table) if near else f"nothing: remove {words.key(name)}"
    if model.sound(*path) is not None:
        model.refuse(path, message, allowed=allowed, write=write)


def _line(model: Document, path: Path, near: str, table: Table) -> str:
    """The line with the right name, and with a value that it may have."""
    if near in keys(model.value(path[:-1])):
        return f"nothing: {near} is there already"
    value = model.value(path)
    if isinstance(value, dict):
        return f"{near} = …"
    allowed = refusal(table, near, hyperparameter_text(value)) is None
    return f"{near} = {words.toml(value) if allowed else _nearest(table[near], value)}"


def _range_of_words(model: Document, name: str, table: Table) -> None:
    """A hyperparameter that is one of several words is searched in a list of them."""
    path, row = (*TUNING, "ranges", name), table.get(name)
    found = model.sound(*path)
    if isinstance(row, Choice) and isinstance(found, dict) and not {*ENDS}.isdisjoint(found):
        message = f"{name} is one of several words, which are not between numbers"
        write = f"{{ values = [{', '.join(map(words.quoted, row.words))}] }}"
        model.refuse(path, message, allowed="a list of values", write=write)


def _refuse_missing(model: Document, name: str, table: Table) -> None:
    model.refuse((*DECLARED, name), missing(table, name), allowed=table[name].allowed, write=f"{name} = …")


def _nearest(row: Parameter, value: Any) -> str:
    """The allowed value that is nearest to the refused one."""
    if isinstance(row, Choice):
        return words.quoted(words.nearest(value, row.words) or row.words[0])
    if not isinstance(row, Bounded):
        return row.allowed
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else row.low
    near = min(max(number, row.low), row.high)
    return words.toml(round(near) if row.type is int else near)
