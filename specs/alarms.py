"""The limits of a model's alarms: declared for a model, changed for an environment, complete in the end."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from specs.base import Declared
from specs.fields import Count, ErrorPercent, LatencyLimit, Minutes, Percentile


class Alarms(Declared):
    """[serving.alarms] of a model or an environment. A key that is not given keeps its value elsewhere.

    The value comes from the first of these that gives one: [environment.NAME.serving.alarms] of the model's file,
    [serving.alarms] of the environment's file, [serving.alarms] of the model's file, the defaults.
    """

    latency_percentile: Percentile | None = None
    latency_ms: LatencyLimit | None = None
    error_percent: ErrorPercent | None = None
    least_requests: Count | None = None
    at_maximum_minutes: Minutes | None = None


class AlarmLimits(BaseModel):
    """The limits of one model's alarms in one environment.

    An alarm rings if this percentile of the model's latency is above `latency_ms` for five minutes, if more than
    `error_percent` of at least `least_requests` requests a minute fail, or if an autoscaled endpoint has its greatest
    number of instances for `at_maximum_minutes`.
    """

    model_config = ConfigDict(frozen=True)

    latency_percentile: float = 99
    latency_ms: int = 1000
    error_percent: float = 5
    least_requests: int = 20
    at_maximum_minutes: int = 30


def limits(*declared: Alarms) -> AlarmLimits:
    """Complete the limits; a later table has precedence."""
    given: dict[str, float] = {}
    for table in declared:
        given |= table.model_dump(exclude_none=True)
    return AlarmLimits.model_validate(given)
