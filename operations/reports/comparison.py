"""Two evaluated executions side by side, and their differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from operations.workflows.artifacts import Evaluated
from pages.cost import total_cost
from pages.difference import Difference
from pages.limits import limited_first, limits
from pages.markup import DASH, duration, number, short, usd

Value = str | float | None
UNITS: Mapping[str, Callable[[float], str]] = {"s": duration, "USD": usd}
MOST_NAMED = 2
"""How many different hyperparameters the title names."""


@dataclass(frozen=True)
class Row:
    """One value of both executions.

    `difference` is that of two metrics, `verdict` its meaning: "within noise" or "beyond noise", for a metric of the
    gate "better" or "worse" ("better, not tested" for one that is no share of examples), "on other data", or "".
    """

    name: str
    a: Value
    b: Value
    unit: str = ""
    difference: Difference | None = None
    verdict: str = ""

    @property
    def differs(self) -> bool:
        return self.a != self.b

    @property
    def words(self) -> str:
        """The name for people."""
        return self.name.replace("_", " ")

    def shown(self, value: Value) -> str:
        """A value for people, with its unit; a metric's two have the same decimals."""
        if value is None or isinstance(value, str):
            return short(value) if value else DASH
        return self.difference.shown(value) if self.difference else UNITS.get(self.unit, number)(value)

    @property
    def change(self) -> str:
        """The difference for people: +0.0020 better, +5 s, differs, same."""
        if self.difference:
            return f"{self.difference.change} {self.verdict}".strip()
        if not self.differs or isinstance(self.a, str | None) or isinstance(self.b, str | None):
            return "differs" if self.differs else "same"
        return f"{'+' if self.b > self.a else '-'}{self.shown(abs(self.b - self.a))}"

    def as_json(self) -> dict[str, Any]:
        """The row for programs."""
        found: dict[str, Any] = {"name": self.name, "a": self.a, "b": self.b}
        if self.unit:
            found["unit"] = self.unit
        if self.difference:
            found |= {"difference": self.difference.value, "interval": self.difference.interval}
        return found | ({"verdict": self.verdict} if self.verdict else {})


@dataclass(frozen=True)
class Comparison:
    """Two executions, and the rows that compare them, by heading."""

    a: Evaluated
    b: Evaluated
    groups: Mapping[str, tuple[Row, ...]]

    @property
    def title(self) -> str:
        """The two versions and what was changed between them: v1 and v2, seed 0 → 1."""
        changed = [f"{row.words} {row.shown(row.a)} → {row.shown(row.b)}" for row in self._differing("hyperparameters")]
        if len(changed) > MOST_NAMED + 1:
            changed[MOST_NAMED:] = [f"{len(changed) - MOST_NAMED} more hyperparameters"]
        others = [OTHER[row.name] for row in self._differing("lineage") if row.name in OTHER]
        return ", ".join([f"{self.a.label} and {self.b.label}", *changed, *others])

    def _differing(self, heading: str) -> list[Row]:
        return [row for row in self.groups[heading] if row.differs]

    def as_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        shown = {heading: [row.as_json() for row in rows] for heading, rows in self.groups.items()}
        return {"title": self.title, "a": self.a.arn, "b": self.b.arn} | shown


CODE, FINGERPRINT = "code", "data fingerprint"
ON_OTHER_DATA = "on other data"
OTHER = {CODE: "other code", FINGERPRINT: "other data"}


def compare(a: Evaluated, b: Evaluated) -> Comparison:
    """Compare all metrics, hyperparameters, data, code and compute."""
    return Comparison(
        a,
        b,
        {
            "metrics": tuple(_metrics(a, b)),
            "hyperparameters": tuple(_hyperparameters(a, b)),
            "lineage": tuple(_lineage(a.facts, b.facts)),
            "compute": tuple(_compute(a.facts, b.facts)),
        },
    )


def _metrics(a: Evaluated, b: Evaluated) -> Iterable[Row]:
    """All metrics, those of the gate first."""
    gate = limits(_table(b.facts, "gate") or _table(a.facts, "gate"))
    same_data = _fingerprint(a.facts) == _fingerprint(b.facts)
    for name in limited_first(dict.fromkeys([*a.metrics, *b.metrics]), gate):
        first, second = a.metrics.get(name), b.metrics.get(name)
        if first is None or second is None:
            yield Row(name, first, second)
        elif not same_data:
            found = Difference(first, second)
            yield Row(name, first, second, difference=found, verdict=ON_OTHER_DATA if found.value else "")
        else:
            found = Difference.of(first, second, (a.shares.get(name), b.shares.get(name)))
            yield Row(name, first, second, difference=found, verdict=_verdict(found, gate.get(name)))


def _verdict(found: Difference, limit: Mapping[str, Any] | None) -> str:
    if found.is_chance or limit is None or not found.value:
        return found.verdict
    meant = "better" if (found.value > 0) == (limit.get("goal", "maximize") == "maximize") else "worse"
    return meant if found.interval else f"{meant}, not tested"


def _hyperparameters(a: Evaluated, b: Evaluated) -> Iterable[Row]:
    first, second = _table(a.facts, "hyperparameters"), _table(b.facts, "hyperparameters")
    return (Row(name, first.get(name), second.get(name)) for name in sorted({*first, *second}))


def _lineage(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterable[Row]:
    yield Row("commit", a.get("commit"), b.get("commit"))
    yield Row(CODE, _table(a, "code").get("s3_uri"), _table(b, "code").get("s3_uri"))
    yield Row("data set", _table(a, "data").get("dataset"), _table(b, "data").get("dataset"))
    yield Row(FINGERPRINT, _fingerprint(a), _fingerprint(b))
    yield Row("trained on", _trained_on(a), _trained_on(b))


def _fingerprint(facts: Mapping[str, Any]) -> str | None:
    """The fingerprint of the data: executions with the same one have the same test split."""
    return _table(facts, "data").get("fingerprint")


def _trained_on(facts: Mapping[str, Any]) -> str | None:
    """The instances of the last training job: the candidate that made the model."""
    trained = [job for job in facts.get("jobs") or [] if job.get("kind") == "training"]
    if not trained:
        return None
    return f"{trained[-1].get('instance_count', 1)} x {trained[-1].get('instance_type')}, {trained[-1].get('purchase')}"


def _compute(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterable[Row]:
    yield Row("jobs", _count(a), _count(b))
    yield Row("interruptions", _total(a, "interruptions"), _total(b, "interruptions"))
    yield Row("time that ran", _total(a, "seconds"), _total(b, "seconds"), "s")
    yield Row("time billed", _total(a, "billable_seconds"), _total(b, "billable_seconds"), "s")
    yield Row("cost at list price", _cost(a), _cost(b), "USD")


def _count(facts: Mapping[str, Any]) -> float | None:
    return len(facts["jobs"]) if facts.get("jobs") else None


def _total(facts: Mapping[str, Any], key: str) -> float | None:
    return sum(job.get(key) or 0 for job in facts["jobs"]) if facts.get("jobs") else None


def _cost(facts: Mapping[str, Any]) -> float | None:
    return total_cost(facts["jobs"]) if facts.get("jobs") else None


def _table(facts: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = facts.get(key)
    return value if isinstance(value, Mapping) else {}
