"""Two evaluated executions side by side, and their differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from operations.workflows.artifacts import Evaluated
from pages.cost import total_cost
from pages.markup import DASH, duration, number, usd

Value = str | float | None
UNITS: Mapping[str, Callable[[float], str]] = {"s": duration, "USD": usd}


@dataclass(frozen=True)
class Row:
    """One value of both executions.

    `difference` is b - a of numbers; `verdict` is "better" or "worse" for b, or "".
    """

    name: str
    a: Value
    b: Value
    difference: float | None = None
    verdict: str = ""
    unit: str = ""

    @property
    def differs(self) -> bool:
        return self.a != self.b

    def shown(self, value: Value) -> str:
        """A value for people, with its unit."""
        if value is None or isinstance(value, str):
            return value or DASH
        return UNITS.get(self.unit, number)(value)

    @property
    def change(self) -> str:
        """The difference for people: +0.0020 better, same, differs."""
        if self.difference is None:
            return "differs" if self.differs else "same"
        if not self.difference:
            return "same"
        sign = "+" if self.difference > 0 else "-"
        return f"{sign}{self.shown(abs(self.difference))} {self.verdict}".strip()


@dataclass(frozen=True)
class Comparison:
    """Two executions, and the rows that compare them, by heading."""

    a: Evaluated
    b: Evaluated
    groups: Mapping[str, tuple[Row, ...]]

    def as_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        shown = {
            heading: [{key: value for key, value in asdict(row).items() if value != ""} for row in rows]
            for heading, rows in self.groups.items()
        }
        return {"a": self.a.arn, "b": self.b.arn} | shown


def compare(a: Evaluated, b: Evaluated) -> Comparison:
    """Compare all metrics, the hyperparameters that differ, data, code and compute."""
    return Comparison(
        a,
        b,
        {
            "metrics": tuple(_metrics(a, b)),
            "hyperparameters": tuple(row for row in _hyperparameters(a, b) if row.differs),
            "lineage": tuple(_lineage(a.facts, b.facts)),
            "compute": tuple(_compute(a.facts, b.facts)),
        },
    )


def _metrics(a: Evaluated, b: Evaluated) -> Iterable[Row]:
    gate = _table(b.facts, "gate") or _table(a.facts, "gate")
    for name in dict.fromkeys([*a.metrics, *b.metrics]):
        row = _numbers(name, a.metrics.get(name), b.metrics.get(name))
        yield replace(row, verdict=_verdict(row, gate)) if name == gate.get("metric") else row


def _verdict(row: Row, gate: Mapping[str, Any]) -> str:
    if not row.difference:
        return ""
    return "better" if (row.difference > 0) == (gate.get("goal", "maximize") == "maximize") else "worse"


def _hyperparameters(a: Evaluated, b: Evaluated) -> Iterable[Row]:
    first, second = _table(a.facts, "hyperparameters"), _table(b.facts, "hyperparameters")
    return (Row(name, first.get(name), second.get(name)) for name in sorted({*first, *second}))


def _lineage(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterable[Row]:
    yield Row("commit", a.get("commit"), b.get("commit"))
    yield Row("code", _table(a, "code").get("s3_uri"), _table(b, "code").get("s3_uri"))
    for key in ("dataset", "fingerprint"):
        yield Row(f"data {key}", _table(a, "data").get(key), _table(b, "data").get(key))
    yield Row("trained on", _trained_on(a), _trained_on(b))


def _trained_on(facts: Mapping[str, Any]) -> str | None:
    """The instances of the last training job: the candidate that made the model."""
    trained = [job for job in facts.get("jobs") or [] if job.get("kind") == "training"]
    if not trained:
        return None
    return f"{trained[-1].get('instance_count', 1)} x {trained[-1].get('instance_type')}, {trained[-1].get('purchase')}"


def _compute(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterable[Row]:
    for name, key, unit in (
        ("interruptions", "interruptions", ""),
        ("seconds that ran", "seconds", "s"),
        ("seconds billed", "billable_seconds", "s"),
    ):
        yield _numbers(name, _total(a, key), _total(b, key), unit)
    yield _numbers("jobs", _count(a), _count(b))
    yield _numbers("cost at list price", _cost(a), _cost(b), "USD")


def _count(facts: Mapping[str, Any]) -> float | None:
    return len(facts["jobs"]) if facts.get("jobs") else None


def _total(facts: Mapping[str, Any], key: str) -> float | None:
    return sum(job.get(key) or 0 for job in facts["jobs"]) if facts.get("jobs") else None


def _cost(facts: Mapping[str, Any]) -> float | None:
    return total_cost(facts["jobs"]) if facts.get("jobs") else None


def _numbers(name: str, a: float | None, b: float | None, unit: str = "") -> Row:
    return Row(name, a, b, None if a is None or b is None else b - a, unit=unit)


def _table(facts: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = facts.get(key)
    return value if isinstance(value, Mapping) else {}
