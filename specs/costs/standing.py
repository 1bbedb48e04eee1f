"""The standing costs of an environment, around the clock and without use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from specs.costs.list_prices import Price, estimate, listed
from specs.resolved import ResolvedModel

HOURS = 730
"""The hours of a month, as AWS's price pages count them."""
KEYS = 2
"""The keys of the foundation: for data, and for alarm messages."""
ALARM_METRICS = 1
"""The metrics of an environment's own alarms: AWS bills each metric of an alarm ("Amazon CloudWatch pricing")."""
ALARM_METRICS_A_MODEL = 5
"""The metrics of a model's alarms, without those of scaling."""
ALARM_METRICS_OF_SCALING = 2
"""The metrics of the alarm on the scaling maximum."""
ALARMS_OF_TRACKING = 2
"""The alarms that target tracking makes for itself ("Target tracking scaling policies")."""


@dataclass(frozen=True)
class Cost:
    """One line: USD an hour at the least and at the scaling maximum; None where the table has no price."""

    what: str
    least: float | None
    most: float | None
    dates: tuple[str, ...] = ()


def standing(models: Sequence[ResolvedModel]) -> tuple[Cost, ...]:
    """The lines of an environment: an endpoint a model, then everything that the models share."""
    environment = models[0].environment
    endpoints = [_endpoint(model) for model in models]
    scaled = sum(model.environment.serving.autoscaling is not None for model in models)
    metrics = ALARM_METRICS + ALARM_METRICS_A_MODEL * len(models)
    metrics += (ALARM_METRICS_OF_SCALING + ALARMS_OF_TRACKING) * scaled
    zones, interfaces = len(environment.availability_zones), len(environment.network.interface_endpoints)
    region = environment.region
    shared = [
        _monthly(f"{KEYS} keys", KEYS, listed(region, "CustomerManagedKey")),
        _monthly(f"{metrics} metrics of alarms", metrics, listed(region, "Alarm-standard")),
    ]
    if interfaces:
        price = listed(region, "InterfaceEndpoint")
        shared.append(_hourly(f"{interfaces} interface endpoints in {zones} zones", interfaces * zones, None, price))
    return (*endpoints, *shared)


def total(costs: Sequence[Cost]) -> Cost:
    """The sum, or None if a line has no price: an unknown price is not zero."""
    dates = tuple(sorted({date for cost in costs for date in cost.dates}))
    return Cost("together", _sum([cost.least for cost in costs]), _sum([cost.most for cost in costs]), dates)


def _endpoint(model: ResolvedModel) -> Cost:
    serving = model.environment.serving
    most = serving.autoscaling.max_instances if serving.autoscaling else serving.instance_count
    counts = f"{serving.instance_count}" if most == serving.instance_count else f"{serving.instance_count} to {most}"
    what = f"endpoint of {model.model.name}: {counts} {serving.instance_type}"
    price = estimate(model.environment.region, "Hosting", serving.instance_type)
    return _hourly(what, serving.instance_count, most, price)


def _hourly(what: str, least: int, most: int | None, price: Price | None) -> Cost:
    if price is None:
        return Cost(what, None, None)
    return Cost(what, least * price.usd, (least if most is None else most) * price.usd, (price.date,))


def _monthly(what: str, count: int, price: Price | None) -> Cost:
    if price is None:
        return Cost(what, None, None)
    return Cost(what, count * price.usd / HOURS, count * price.usd / HOURS, (price.date,))


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
