"""Hyperparameters that a person gives to one execution."""

from __future__ import annotations

import difflib
from typing import Any

from operations.errors import BadInput
from specs import ModelSpec

_BOOLEANS = {"true": True, "false": False}


def overrides(model: ModelSpec, assignments: list[str]) -> dict[str, Any]:
    """Parse "name=value" into values of the declared types. Raises ``BadInput`` with every refused one."""
    parsed = [_assignment(model, text) for text in assignments]
    if refused := [sentence for sentence in parsed if isinstance(sentence, str)]:
        raise BadInput("\n".join(refused))
    return dict(pair for pair in parsed if not isinstance(pair, str))


def refuse_search(model: ModelSpec, hyperparameters: dict[str, Any]) -> None:
    """Raise ``BadInput`` if the model declares no search, or if one of these values is searched."""
    tuning = model.training.tuning
    if tuning is None:
        raise BadInput(
            f"--tune: {model.name} declares no search for hyperparameters. Write [training.tuning] in "
            f"models/{model.name}.toml (models/digits-cnn.toml has one), and deploy."
        )
    if both := sorted(set(hyperparameters) & set(tuning.ranges)):
        raise BadInput(f"--tune searches {', '.join(both)}: leave out --set {both[0]}=…, or leave out --tune.")


def _assignment(model: ModelSpec, text: str) -> tuple[str, Any] | str:
    """A name with its value, or the sentence that refuses it."""
    name, equals, value = text.partition("=")
    declared = model.training.hyperparameters
    if not equals:
        return f"--set {text}: write NAME=VALUE, such as {next(iter(declared), 'epochs')}=1."
    if name not in declared:
        near = difflib.get_close_matches(name, declared, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"--set {text}: {model.name} has no hyperparameter {name!r}; it has {', '.join(declared)}.{hint}"
    try:
        return name, _converted(value, declared[name])
    except (ValueError, KeyError):
        kind = type(declared[name]).__name__
        return f"--set {text}: {name} is of type {kind} in models/{model.name}.toml, and {value!r} is none."


def _converted(value: str, declared: str | int | float | bool) -> str | int | float | bool:
    return _BOOLEANS[value] if isinstance(declared, bool) else type(declared)(value)
