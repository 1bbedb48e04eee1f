"""AWS's on-demand list prices, where `prices.csv` knows them; its dates say how old they are.

An instance type costs the same in a Studio notebook as in jobs and endpoints: of 126 pairs in the table's sources, 100
are equal, and the worst differs by 0.33 %. So `estimate` takes the notebook's price where there is no other.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("prices.csv")
_STAND_IN = "Studio-Notebook"


class Price(NamedTuple):
    """US dollars for an hour or a month, and the date of the source."""

    usd: float
    date: str


@functools.cache
def _table() -> dict[tuple[str, str, str], Price]:
    """The newest price of each region, component and instance type."""
    rows = sorted(_rows(), key=lambda row: row["source_date"])
    return {
        (row["region"], row["component"], row["instance_type"]): Price(float(row["usd"]), row["source_date"])
        for row in rows
    }


def _rows() -> Iterator[dict[str, str]]:
    with TABLE.open(newline="") as file:
        yield from csv.DictReader(file)


def usd_per_hour(region: str, component: str, instance_type: str) -> float | None:
    """The hourly price of one instance in a `Training` or `Processing` job; None if unknown."""
    found = _table().get((region, component, instance_type))
    return found.usd if found else None


def estimate(region: str, component: str, instance_type: str) -> Price | None:
    """The hourly price of an instance in a job or an endpoint (`Hosting`), or None."""
    table = _table()
    return table.get((region, component, instance_type)) or table.get((region, _STAND_IN, instance_type))


def listed(region: str, component: str) -> Price | None:
    """The price of a component without an instance, in its own unit; None if unknown."""
    return _table().get((region, component, ""))
