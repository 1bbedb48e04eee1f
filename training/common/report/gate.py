"""The metrics as key figures, and those of the gate against their thresholds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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
    limits = _limits(gate)
    places = {name: place for place, name in enumerate(limits)}
    found = []
    for name in sorted(shown, key=lambda name: places.get(name, len(places))):
        if name not in metrics:
            continue
        (label, form), value = shown[name], metrics[name]
        more = f"95 % interval {interval(Share(value, shares[name]).interval, form)}" if shares.get(name) else ""
        passed, sentence = verdict(value, limits[name], form) if name in limits else (False, "")
        state = ("good" if passed else "bad") if name in limits else ""
        found.append(Figure(label, form(value), sentence, state, more))
    return found


def _limits(gate: Any) -> dict[str, Mapping[str, Any]]:
    """The tables with a threshold by metric: the gate itself, and those of `also`."""
    tables = [gate, *(gate.get("also") or ())] if isinstance(gate, Mapping) else []
    return {
        str(each["metric"]): each
        for each in tables
        if "metric" in each and isinstance(each.get("threshold"), int | float)
    }


def verdict(value: float, gate: Mapping[str, Any], form: Form = number) -> tuple[bool, str]:
    """The gate's decision on a value, and the margin in words."""
    threshold = gate["threshold"]
    least = gate.get("goal", "maximize") == "maximize"
    margin = value - threshold if least else threshold - value
    passed, bound = margin >= 0, "at least" if least else "at most"
    said = f"{abs(margin) * 100:.2f} points" if form is percent else number(abs(margin))
    return passed, f"{'Passes' if passed else 'Misses'} the gate, {bound} {form(threshold)}, by {said}"
