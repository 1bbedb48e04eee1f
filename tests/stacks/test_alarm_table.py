"""The tables of docs/alarms.md: a row an alarm, right in each number, and tried with traffic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox import alarm_state
from specs import ModelSpec

PAGE = Path(__file__).resolve().parents[2] / "docs" / "alarms.md"
SIGNS = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">="}
HOUR, HOURS = 60, 6
TRAFFIC = {"no traffic": [0] * HOUR, "one request an hour": [*[0] * 59, 1], "a thousand a second": [60_000] * HOUR}
"""Requests of each minute of an hour, by the column's name."""
Templates = dict[str, dict[str, dict[str, Any]]]


def rows(heading: str) -> dict[str, dict[str, str]]:
    """The rows of a section's table by their first cell: their cells by column."""
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    head, _, *body = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    names = [name.strip() for name in head]
    return {line[0].strip(): dict(zip(names, (cell.strip() for cell in line), strict=True)) for line in body}


def found(stacks: dict[str, dict[str, Any]], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The resources of a type by stack and construct, such as serving/Errors."""
    for stack, template in stacks.items():
        for name, resource in template["Resources"].items():
            if resource["Type"] == kind:
                yield f"{stack}/{re.sub('[0-9A-F]{8}$', '', name)}", resource["Properties"]


@pytest.fixture(scope="module")
def alarms(variants: Templates) -> dict[str, dict[str, Any]]:
    return dict(found(variants["prod"], "AWS::CloudWatch::Alarm"))


def watched(alarm: dict[str, Any]) -> str:
    if "Metrics" in alarm:
        return next(query["Expression"] for query in alarm["Metrics"] if "Expression" in query)
    return f"{alarm['MetricName']} {alarm.get('Statistic') or alarm['ExtendedStatistic']}"


def period(alarm: dict[str, Any]) -> int:
    """Seconds; an expression's metrics have one period."""
    of_metrics = {query["MetricStat"]["Period"] for query in alarm.get("Metrics", []) if "MetricStat" in query}
    (found,) = of_metrics or {alarm.get("Period")}
    return found


def test_every_alarm_has_a_row_and_every_row_an_alarm(variants: Templates) -> None:
    declared = {name for stacks in variants.values() for name, _ in found(stacks, "AWS::CloudWatch::Alarm")}
    assert declared == set(rows("Alarms"))


def test_rows_say_what_the_alarms_are(alarms: dict[str, dict[str, Any]]) -> None:
    for name, row in rows("Alarms").items():
        alarm = alarms[name]
        number = alarm["EvaluationPeriods"]
        rings = (
            f"{SIGNS[alarm['ComparisonOperator']]} {alarm['Threshold']:,} in {alarm.get('DatapointsToAlarm', number)} "
            f"of {number} x {period(alarm) // 60} min"
        )
        assert (row["watches"], row["rings if"], row["missing data"]) == (
            f"`{watched(alarm)}`",
            rings,
            alarm["TreatMissingData"],
        ), name


def test_every_alarm_tells_the_topic_what_failed_and_what_to_do(variants: Templates) -> None:
    """The alarm that rolls a release back tells no person.

    Five errors of sixty thousand requests a minute are no reason to call a person.
    """
    for stacks in variants.values():
        for name, alarm in found(stacks, "AWS::CloudWatch::Alarm"):
            told = [] if name == "serving/LiveNewFleetErrors" else ["topic"]
            assert ["topic" for _ in alarm.get("AlarmActions", [])] == told, name
            assert re.search(r"python -m operations|models/.*\.toml", str(alarm["AlarmDescription"])), name


@dataclass(frozen=True)
class Minute:
    """The traces of a minute in CloudWatch: an endpoint's requests, and a queue's depth."""

    requests: int
    failed: int
    latency: float
    instances: int
    depth: int


def datum(name: str, statistic: str, minutes: Sequence[Minute]) -> float | None:
    """A metric's statistic over some minutes; None if no request came."""
    if name == "ApproximateNumberOfMessagesVisible":
        return max(minute.depth for minute in minutes)
    requests = sum(minute.requests for minute in minutes)
    if not requests:
        return None
    if name == "ModelLatency":
        assert statistic.startswith("p")
        return max(minute.latency for minute in minutes if minute.requests)
    sums = {
        "Invocations": requests,
        "InvocationsPerInstance": sum(minute.requests / minute.instances for minute in minutes),
        "Invocation5XXErrors": sum(minute.failed for minute in minutes),
    }
    return sums[name] / (requests if statistic == "Average" else 1)


def rings(alarm: dict[str, Any], minutes: Sequence[Minute]) -> int | None:
    """The minutes of failure after which the alarm rings; None if it never does. It fails after HOURS hours."""
    width = period(alarm) // 60
    for end in range(HOURS * HOUR + 1, len(minutes) + 1):

        def datapoint(name: str, statistic: str, ago: int, end: int = end) -> float | None:
            return datum(name, statistic, minutes[end - (ago + 1) * width : end - ago * width])

        if alarm_state(alarm, datapoint) == "ALARM":
            return end - HOURS * HOUR
    return None


def series(traffic: list[int], *, failing: bool) -> list[Minute]:
    """Hours without a failure, and as many with one."""
    well = [Minute(requests, 0, 1e4, 2, 0) for requests in traffic] * HOURS
    ill = [Minute(requests, requests, 2e6, 8, 1) for requests in traffic] * HOURS
    return [*well, *(ill if failing else well)]


@pytest.mark.parametrize("column", TRAFFIC)
@pytest.mark.parametrize("name", rows("Alarms"))
def test_traffic_is_as_the_columns_say(alarms: dict[str, dict[str, Any]], name: str, column: str) -> None:
    after = rings(alarms[name], series(TRAFFIC[column], failing=True))
    words = rows("Alarms")[name][column]
    if after is None:
        assert words.startswith("quiet")
    else:
        unit, minutes = ("hour", 60) if after % 60 == 0 else ("minute", 1)
        number = after // minutes
        assert words.startswith(f"rings after {number} {unit}{'s' if number > 1 else ''}")


@pytest.mark.parametrize("column", TRAFFIC)
def test_no_alarm_rings_without_a_failure(alarms: dict[str, dict[str, Any]], column: str) -> None:
    for name, alarm in alarms.items():
        assert rings(alarm, series(TRAFFIC[column], failing=False)) is None, name


def test_no_alarm_of_an_endpoint_rings_after_one_failed_request_of_one(alarms: dict[str, dict[str, Any]]) -> None:
    quiet = [Minute(0, 0, 0, 2, 0)] * HOUR * HOURS
    once = [*quiet, Minute(1, 1, 2e6, 2, 0), *quiet]
    for name, alarm in alarms.items():
        assert rings(alarm, once) is None, name


def test_every_notice_has_a_row(variants: Templates) -> None:
    told = {
        name: rule["Description"]
        for name, rule in found(variants["prod"], "AWS::Events::Rule")
        if any("InputTransformer" in target for target in rule["Targets"])
    }
    assert told == {name: row["tells"] for name, row in rows("Notices").items()}


def test_a_version_waits_only_where_a_person_approves(variants: Templates) -> None:
    """`dev` approves by itself, `prod` does not."""
    waits = {name: "training/Waits" in dict(found(variants[name], "AWS::Events::Rule")) for name in ("dev", "prod")}
    assert waits == {"dev": False, "prod": True}


def test_every_rule_has_the_dead_letter_queue(variants: Templates) -> None:
    for stacks in variants.values():
        for name, rule in found(stacks, "AWS::Events::Rule"):
            assert all("DeadLetterConfig" in target for target in rule["Targets"]), name


@pytest.mark.parametrize(
    ("name", "start"), [("prod", "slipway-prod-"), ("production-of-the-north", "slipway-production-o")]
)
def test_the_queue_takes_events_of_rules_whose_names_are_cut(
    specs: Any, model: Any, synthesize: Any, name: str, start: str
) -> None:
    """A rule's name has 64 characters, a long stack's name more."""
    environment = specs.environment("prod").model_copy(update={"name": name})
    foundation = synthesize(environment, (model,))[f"slipway-{name}-foundation"]
    ((_, policy),) = found({"foundation": foundation}, "AWS::SQS::QueuePolicy")
    sources = [
        statement["Condition"]["ArnLike"]["aws:SourceArn"].rpartition("/")[2]
        for statement in policy["PolicyDocument"]["Statement"]
        if "ArnLike" in statement["Condition"]
    ]
    assert sources == [f"{start}*"]


def test_a_models_limits_are_those_of_its_alarms(specs: Any, model: Any, synthesize: Any) -> None:
    limits = {
        "latency_percentile": 99.9999999,
        "latency_ms": 300,
        "error_percent": 0.5,
        "least_requests": 7,
        "at_maximum_minutes": 9,
    }
    declared = ModelSpec.model_validate(
        model.model_dump(exclude_none=True) | {"serving": {**model.model_dump()["serving"], "alarms": limits}}
    )
    made = synthesize(specs.environment("prod"), (declared,))
    serving = dict(found({"serving": made[f"slipway-prod-{model.name}-serving"]}, "AWS::CloudWatch::Alarm"))
    latency, errors, most = (serving[f"serving/{name}"] for name in ("Latency", "Errors", "AtMaximum"))
    assert (watched(latency), latency["Threshold"]) == ("ModelLatency p99.9999999", 300_000)
    assert (watched(errors), errors["Threshold"]) == ("IF(requests >= 7, 100 * errors / requests, 0)", 0.5)
    assert most["EvaluationPeriods"] == 9


@pytest.mark.parametrize("left", ["nothing to add", "no autoscaling"])
def test_no_alarm_stands_at_a_maximum_that_is_the_minimum(specs: Any, model: Any, synthesize: Any, left: str) -> None:
    prod = specs.environment("prod")
    count = prod.serving.autoscaling.max_instances
    update = {"instance_count": count} if left == "nothing to add" else {"autoscaling": None}
    changed = prod.model_copy(update={"serving": prod.serving.model_copy(update=update)})
    made = synthesize(changed, (model,))[f"slipway-prod-{model.name}-serving"]
    assert "serving/AtMaximum" not in dict(found({"serving": made}, "AWS::CloudWatch::Alarm"))
