"""The metrics as key figures, and those of the gate against their thresholds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pages.limits import limited_first, limits
from pages.markup import interval, number, percent
from pages.page import Figure
from pages.share import Share

Form = Callable[[float], str]


def figures(
    metrics: Mapping[str, float], shown: Mapping[str, tuple[str, Form]], gate: Any, shares: Mapping[str, int]
) -> list[Figure]:
    """The metrics as key figures, the gate's first.

    `shown` gives each its label and its form, percent or number. `gate` is the one of execution.json; any other value
    means no gate. `shares` are the metrics that are a share of so many examples: these come with an interval.
    """
    found = []
    decisive = {name: each for name, each in limits(gate).items() if isinstance(each.get("threshold"), int | float)}
    for name in limited_first(shown, decisive):
        if name not in metrics:
            continue
        (label, form), value = shown[name], metrics[name]
        more = f"95 % interval {interval(Share(value, shares[name]).interval, form)}" if shares.get(name) else ""
        passed, sentence = verdict(value, decisive[name], form) if name in decisive else (False, "")
        state = ("good" if passed else "bad") if name in decisive else ""
        found.append(Figure(label, form(value), sentence, state, more))
    return found


def verdict(value: float, gate: Mapping[str, Any], form: Form = number) -> tuple[bool, str]:
    """The gate's decision on a value, and the margin in words."""
    threshold = gate["threshold"]
    least = gate.get("goal", "maximize") == "maximize"
    margin = value - threshold if least else threshold - value
    passed, bound = margin >= 0, "at least" if least else "at most"
    said = f"{abs(margin) * 100:.2f} points" if form is percent else number(abs(margin))
    return passed, f"{'Passes' if passed else 'Misses'} the gate, {bound} {form(threshold)}, by {said}"
