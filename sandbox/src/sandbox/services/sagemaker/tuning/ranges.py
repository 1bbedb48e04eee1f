"""ParameterRanges: the hyperparameters that are searched, checked as AWS does.

Sources: SageMaker API Reference, "ParameterRanges", "ContinuousParameterRange", "IntegerParameterRange"; Developer
Guide, "Define Hyperparameter Ranges" and "Resource Limits for Automatic Model Tuning".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.frame.errors import ValidationException

LINEAR, LOGARITHMIC, REVERSE_LOGARITHMIC = "Linear", "Logarithmic", "ReverseLogarithmic"
MOST = 30
AUTO_RATIO = 100.0
"""From this ratio of its ends on, Auto searches a range on the logarithmic scale. AWS does not say how it chooses."""


@dataclass(frozen=True)
class Number:
    """A range of numbers, both ends included."""

    name: str
    low: float
    high: float
    scale: str
    integer: bool


@dataclass(frozen=True)
class Category:
    """Values without an order."""

    name: str
    values: tuple[str, ...]


Range = Number | Category


def ranges(given: Mapping[str, Any], static: Mapping[str, str]) -> list[Range]:
    """The ranges of a request. Raises ValidationException for those that cannot be searched."""
    found: list[Range] = [
        *(_integer(item) for item in given.get("IntegerParameterRanges", [])),
        *(_continuous(item) for item in given.get("ContinuousParameterRanges", [])),
        *(_category(item) for item in given.get("CategoricalParameterRanges", [])),
    ]
    for fault in _faults([item.name for item in found], static):
        raise ValidationException(fault)
    return found


def _faults(names: list[str], static: Mapping[str, str]) -> Iterator[str]:
    if not names:
        yield "HyperParameterTuningJobConfig.ParameterRanges names no hyperparameter: there is nothing to search"
    if len(names) > MOST:
        yield f"ParameterRanges has {len(names)} hyperparameters; at most {MOST} can be searched by one tuning job"
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        yield f"ParameterRanges has more than one range for {', '.join(repeated)}"
    if both := sorted(set(names) & set(static)):
        yield (
            f"{', '.join(both)} cannot be in ParameterRanges and in StaticHyperParameters: a hyperparameter is "
            "searched or stays as it is"
        )


def _integer(item: Mapping[str, Any]) -> Number:
    low, high = (_number(item, end, integer=True) for end in ("MinValue", "MaxValue"))
    return _checked(item, Number(item["Name"], low, high, _scale(item, low, high), integer=True))


def _continuous(item: Mapping[str, Any]) -> Number:
    low, high = (_number(item, end, integer=False) for end in ("MinValue", "MaxValue"))
    return _checked(item, Number(item["Name"], low, high, _scale(item, low, high), integer=False))


def _category(item: Mapping[str, Any]) -> Category:
    values = tuple(item["Values"])
    if len(set(values)) < len(values):
        raise ValidationException(f"The values of {item['Name']} must differ; received {', '.join(values)}")
    return Category(item["Name"], values)


def _number(item: Mapping[str, Any], end: str, *, integer: bool) -> float:
    try:
        value = int(item[end]) if integer else float(item[end])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        kind = "a whole number" if integer else "a number"
        raise ValidationException(f"{end} of {item['Name']} must be {kind}; received '{item[end]}'")
    return value


def _scale(item: Mapping[str, Any], low: float, high: float) -> str:
    scale = item.get("ScalingType", "Auto")
    if scale != "Auto":
        return str(scale)
    return LOGARITHMIC if low > 0 and high / low >= AUTO_RATIO else LINEAR


def _checked(item: Mapping[str, Any], found: Number) -> Number:
    shown = f"{item['MinValue']} to {item['MaxValue']}"
    if found.low > found.high:
        raise ValidationException(f"MinValue of {found.name} must not be above its MaxValue; received {shown}")
    if found.scale == LOGARITHMIC and found.low <= 0:
        raise ValidationException(f"Logarithmic scaling of {found.name} needs values above 0; its range is {shown}")
    if found.scale == REVERSE_LOGARITHMIC and (found.integer or found.low < 0 or found.high >= 1):
        raise ValidationException(
            f"ReverseLogarithmic scaling is for continuous ranges within 0 <= x < 1; {found.name} is "
            f"{'an integer' if found.integer else 'a continuous'} range from {shown}"
        )
    return found
