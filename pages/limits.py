"""The limits of a gate, as execution.json tells them: metrics that have to reach a threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def limits(gate: Any) -> dict[str, Mapping[str, Any]]:
    """The table of each metric, the deciding one first; what is no gate has none."""
    tables = [gate, *(gate.get("also") or ())] if isinstance(gate, Mapping) else []
    return {str(each["metric"]): each for each in tables if "metric" in each}


def limited_first(metrics: Iterable[str], limited: Iterable[str]) -> list[str]:
    """The metrics, those of the gate first and in its order."""
    places = {name: place for place, name in enumerate(limited)}
    return sorted(metrics, key=lambda name: places.get(name, len(places)))
