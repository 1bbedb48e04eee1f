"""AWS's on-demand list prices, where `stacks/prices.csv` knows them; its dates say how old they are."""

from __future__ import annotations

import csv
import functools
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "prices.csv"


@functools.cache
def _table() -> dict[tuple[str, str, str], float]:
    """The newest price of each region, component and instance type."""
    with TABLE.open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["source_date"])
    return {(row["region"], row["component"], row["instance_type"]): float(row["usd_per_hour"]) for row in rows}


def usd_per_hour(region: str, component: str, instance_type: str) -> float | None:
    """The hourly price of one instance in a `Training` or `Processing` job; None if unknown."""
    return _table().get((region, component, instance_type))
