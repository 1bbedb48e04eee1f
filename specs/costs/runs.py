"""The most that one training costs, on each candidate of the ladder."""

from __future__ import annotations

from dataclasses import dataclass

from specs.costs.list_prices import estimate
from specs.resolved import ResolvedModel

_SECONDS = 3600


@dataclass(frozen=True)
class Run:
    """One candidate: USD an hour on demand, and USD at the longest run time; None if the price is unknown."""

    model: str
    candidate: str
    usd_per_hour: float | None
    longest_hours: float
    most: float | None


def runs(model: ResolvedModel) -> tuple[Run, ...]:
    """One line for each candidate, in the ladder's order. Spot costs less, by a discount that changes all day."""
    hours = model.model.training.max_runtime_seconds / _SECONDS
    found = []
    for candidate in model.environment.training.candidates:
        price = estimate(model.environment.region, "Training", candidate.instance_type)
        an_hour = price.usd * candidate.instance_count if price else None
        what = f"{candidate.instance_count} {candidate.instance_type}, {candidate.purchase}"
        found.append(Run(model.model.name, what, an_hour, hours, an_hour * hours if an_hour is not None else None))
    return tuple(found)
