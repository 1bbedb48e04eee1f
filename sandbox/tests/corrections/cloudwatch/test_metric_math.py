"""Expressions over metrics: their values, missing data, and the refused rest of the grammar."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox.corrections.cloudwatch.metric_math import MetricQueries, NotOffered


def stat(name: str, period: int = 60, **members: Any) -> dict[str, Any]:
    metric = {"Namespace": "n", "MetricName": name}
    return {
        "Id": name,
        "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"},
        "ReturnData": False,
    } | members


def read(expression: str, *metrics: dict[str, Any], **members: Any) -> MetricQueries:
    """The queries of an expression over a and b."""
    return MetricQueries.read([{"Id": "e", "Expression": expression, **members}, *(metrics or (stat("a"), stat("b")))])


@pytest.mark.parametrize(
    ("expression", "a", "b", "value"),
    [
        ("a + b * 2", 1, 3, 7),
        ("(a - b) / 2", 5, 1, 2),
        ("-a", 5, None, -5),
        ("100 * a / b", 1, 4, 25),
        ("a / b", 1, 0, None),
        ("a / b", None, 4, None),
        ("a >= b", 4, 4, 1),
        ("a != b", 4, 4, 0),
        ("IF(b >= 20, 100 * a / b, 0)", 1, 1, 0),
        ("IF(b >= 20, 100 * a / b, 0)", 1, 20, 5),
        ("IF(b >= 20, 100 * a / b, 0)", None, None, None),
        ("IF(b > 0, 1, a)", None, 1, 1),
        (" a*1.5 ", 2, None, 3),
    ],
)
def test_value_at_one_time(expression: str, a: float | None, b: float | None, value: float | None) -> None:
    assert read(expression).value({"a": a, "b": b}) == value


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("FILL(a, 0)", "does not implement FILL"),
        ("RATE(a)", "does not implement RATE"),
        ("SEARCH('{n} a', 'Sum', 60)", "does not implement SEARCH"),
        ("ANOMALY_DETECTION_BAND(a)", "does not implement ANOMALY_DETECTION_BAND"),
        ("METRICS()", "does not implement METRICS"),
        ("IF(a, 1)", "does not implement IF with 2 arguments"),
        ("a ^ 2", "does not implement a ^ 2"),
        ("a > 1 and b > 1", "does not implement a > 1 and b > 1"),
        ("1 < a < 2", "does not implement 1 < a < 2"),
        ("[a, b]", "does not implement"),
        ("'a'", "does not implement 'a'"),
        ("c / a", "c is the Id of no metric"),
        ("a AND b", "cannot read the expression"),
        ("a +", "cannot read the expression"),
        ("__import__('os').system('true')", "does not implement"),
    ],
)
def test_the_rest_of_the_grammar_is_refused_by_name(expression: str, reason: str) -> None:
    with pytest.raises(NotOffered) as refused:
        read(expression)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("queries", "reason"),
    [
        ([stat("a", ReturnData=True)], "Metrics of one Expression"),
        ([{"Id": "e", "Expression": "a"}, stat("a", ReturnData=True)], "Metrics of one Expression"),
        ([{"Id": "e", "Expression": "a"}, {"Id": "f", "Expression": "e"}, stat("a")], "Metrics of one Expression"),
        ([{"Id": "e", "Expression": "a + b"}, stat("a"), stat("b", period=300)], "these have [60, 300]"),
        ([{"Id": "E", "Expression": "a"}, stat("a")], "the Id E has to begin"),
    ],
)
def test_other_sets_of_metrics_are_refused(queries: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(NotOffered) as refused:
        MetricQueries.read(queries)
    assert reason in str(refused.value)
