"""The metrics as key figures, and the deciding one against its threshold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pages.markup import number, percent
from pages.page import Figure

Form = Callable[[float], str]


def figures(metrics: Mapping[str, float], shown: Mapping[str, tuple[str, Form]], gate: Any) -> list[Figure]:
    """The metrics as key figures, the gate's first.

    `shown` gives each its label and its form, percent or number. `gate` is the one of execution.json; any other value
    means no gate.
    """
    known = gate if isinstance(gate, Mapping) else {}
    ordered = sorted(shown, key=lambda name: name != known.get("metric"))
    return [_figure(name, metrics[name], *shown[name], known) for name in ordered if name in metrics]


def _figure(name: str, value: float, label: str, form: Form, gate: Mapping[str, Any]) -> Figure:
    if name != gate.get("metric") or not isinstance(gate.get("threshold"), int | float):
        return Figure(label, form(value))
    passed, sentence = verdict(value, gate, form)
    return Figure(label, form(value), sentence, "good" if passed else "bad")


def verdict(value: float, gate: Mapping[str, Any], form: Form = number) -> tuple[bool, str]:
    """The gate's decision on a value, and the margin in words."""
    threshold = gate["threshold"]
    least = gate.get("goal", "maximize") == "maximize"
    margin = value - threshold if least else threshold - value
    passed, bound = margin >= 0, "at least" if least else "at most"
    said = f"{abs(margin) * 100:.2f} points" if form is percent else number(abs(margin))
    return passed, f"{'Passes' if passed else 'Misses'} the gate, {bound} {form(threshold)}, by {said}"
