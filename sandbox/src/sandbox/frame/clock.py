"""Times as the service keeps them, and as its events and Step Functions show them."""

from __future__ import annotations

import datetime
from typing import Any


def now() -> datetime.datetime:
    """This moment, in UTC, to the millisecond as AWS keeps it."""
    moment = datetime.datetime.now(datetime.UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def moment(value: float | str | datetime.datetime) -> datetime.datetime:
    """A timestamp of a request: seconds since the epoch on the wire, a datetime, ISO 8601 or digits from templates."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value)
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    if isinstance(value, (int, float)):
        return datetime.datetime.fromtimestamp(value, datetime.UTC)
    return value if value.tzinfo else value.replace(tzinfo=datetime.UTC)


def is_moment(value: Any) -> bool:
    """Tell whether a value of a request is a timestamp."""
    try:
        moment(value)
    except (AttributeError, TypeError, ValueError, OverflowError, OSError):
        return False
    return True


def with_epoch_millis(value: Any) -> Any:
    """A copy with times as milliseconds since the epoch: job events, and results of Step Functions' tasks."""
    return _convert(value, lambda time: int(time.timestamp() * 1000))


def with_iso_times(value: Any) -> Any:
    """A copy with times as ISO 8601 in UTC: events of model packages."""
    return _convert(value, lambda time: time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _convert(value: Any, convert: Any) -> Any:
    if isinstance(value, dict):
        return {key: _convert(item, convert) for key, item in value.items()}
    if isinstance(value, list):
        return [_convert(item, convert) for item in value]
    return convert(value) if isinstance(value, datetime.datetime) else value
