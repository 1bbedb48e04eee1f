"""Hyperparameters that a person gives to one execution."""

from __future__ import annotations

from typing import Any

from operations.errors import BadInput
from specs import ModelSpec
from specs.training_code import Table, refusal


def overrides(table: Table, assignments: list[str]) -> dict[str, Any]:
    """Parse "name=value" by the model's table. Raises ``BadInput`` with every refused one, in the job's words."""
    if refused := [sentence for text in assignments if (sentence := _refusal(table, text))]:
        raise BadInput("\n".join(refused))
    names = [text.partition("=")[0] for text in assignments]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInput(f"--set {twice[0]}=…: {twice[0]} is given twice. Leave out all but one.")
    given = dict(text.split("=", 1) for text in assignments)
    return {name: table[name].read(value.strip()) for name, value in given.items()}


def refuse_search(model: ModelSpec, hyperparameters: dict[str, Any]) -> None:
    """Raise ``BadInput`` if the model declares no search, or searches one of these values."""
    tuning = model.training.tuning
    if tuning is None:
        raise BadInput(
            f"--tune: {model.name} declares no search for hyperparameters. Write [training.tuning] in "
            f"models/{model.name}.toml (models/digits-cnn.toml has one), and deploy."
        )
    if both := sorted(set(hyperparameters) & set(tuning.ranges)):
        raise BadInput(f"--tune searches {', '.join(both)}: leave out --set {both[0]}=…, or leave out --tune.")


def _refusal(table: Table, text: str) -> str | None:
    """The sentence that refuses an assignment, or None."""
    name, equals, value = text.partition("=")
    if not equals:
        return f"--set {text}: write NAME=VALUE, such as {next(iter(table), 'epochs')}=1."
    sentence = refusal(table, name, value)
    return f"--set {text}: {sentence}." if sentence else None
