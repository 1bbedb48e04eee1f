"""The model beside the champion: the numbers that the gate compares, and where the champion's come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pages.difference import SAID, Difference
from pages.markup import Cell, Markup, code, facts, join, missing, note, table
from pages.page import Section
from training.common.champion import Champion

TITLE = "Compared with the champion"
NOT_COMPARED = "So the gate does not compare the two: the version waits until a person approves it."
STORED = "The champion's number was stored when it was registered, from the same test split, code and judge."
MEASURED = "Both models were measured on the same test split by the same code."


def section(
    execution: Mapping[str, Any], metrics: Mapping[str, float], shares: Mapping[str, int], champion: Champion
) -> Section | None:
    """The comparison, from execution.json and what this job measured; None for a first version."""
    known = execution.get("champion") or {}
    problem = champion.problem or known.get("problem")
    if not (known or champion.metrics or problem):
        return None
    named = facts([("Champion", code(known.get("version"))), ("Measured again because", known.get("again"))])
    if problem:
        compared = join(
            missing(f"The champion could not be measured on this test split: {problem}"), note(NOT_COMPARED)
        )
    elif champion.metrics:
        compared = join(note(MEASURED), _table(metrics, shares, champion.metrics))
    else:
        compared = join(note(STORED), _table(metrics, shares, {execution["gate"]["metric"]: known["value"]}))
    return Section(TITLE, join(named, compared))


def _table(metrics: Mapping[str, float], shares: Mapping[str, int], champion: Mapping[str, float]) -> Markup:
    rows = [
        _row(name, Difference.of(champion[name], metrics[name], (shares.get(name), shares.get(name))))
        for name in champion
        if name in metrics
    ]
    shown = table(
        "On the same test split", ("metric", "this model#", "champion#", "difference#", "95 % interval"), rows
    )
    return join(shown, note(SAID))


def _row(name: str, found: Difference) -> tuple[Cell, ...]:
    change = f"{found.change} {found.verdict}".strip()
    return (name.replace("_", " "), found.shown(found.b), found.shown(found.a), change, found.sure)
