"""One axis of a chart: the position of values, and its round ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_WORDS = 12


@dataclass(frozen=True)
class Axis:
    """An axis from `low` at position 0 to `high` at position 1.

    `words` are names for whole values.
    """

    low: float
    high: float
    log: bool = False
    words: tuple[str, ...] = ()

    @classmethod
    def over(cls, values: Iterable[float], scale: str = "auto") -> Axis:
        """An axis over all values, with round ends; within 0 and 1 for shares.

        `scale` is "linear", "log", or "auto": logarithmic if all are positive and the largest is 15 times the smallest.
        """
        found = [value for value in values if math.isfinite(value)]
        low, high = min(found, default=0.0), max(found, default=1.0)
        if scale == "log" or (scale == "auto" and low > 0 and high / low > 15):
            return cls(low / 1.15, high * 1.15, log=True)
        if low == high:
            low, high = low - (abs(low) or 1) * 0.1, high + (abs(high) or 1) * 0.1
        step = _step(high - low)
        ends = math.floor(low / step) * step, math.ceil(high / step) * step
        return cls(max(0.0, ends[0]), min(1.0, ends[1])) if found and _are_shares(found) else cls(*ends)

    @classmethod
    def steps(cls, values: Iterable[float]) -> Axis:
        """An axis from 0 to the last step."""
        return cls(0, max(values, default=1) or 1)

    @classmethod
    def of_words(cls, words: Sequence[str]) -> Axis:
        """An axis of named places 0, 1, 2, …"""
        return cls(-0.6, len(words) - 0.4, words=tuple(words))

    def position(self, value: float) -> float:
        """The position of a value, from 0 to 1."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """The values written beside the axis."""
        if self.words:
            return [float(place) for place in range(0, len(self.words), math.ceil(len(self.words) / MOST_WORDS))]
        return _decades(self.low, self.high) if self.log else _even(self.low, self.high)

    def label(self, tick: float) -> str:
        """The text of a tick."""
        if self.words:
            return self.words[round(tick)]
        if self.high >= 10_000 and abs(tick) >= 1000:
            return f"{tick / 1e6:g}M" if abs(tick) >= 1e6 else f"{tick / 1000:g}k"
        return f"{tick:g}"


def _are_shares(values: Iterable[float]) -> bool:
    """Tell whether all may be shares of one: an axis beyond 0 or 1 would show what cannot be."""
    return all(0 <= value <= 1 for value in values)


def _step(span: float) -> float:
    """A round distance between four or five ticks."""
    rough = span / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)


def _even(low: float, high: float) -> list[float]:
    step = _step(high - low)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _decades(low: float, high: float) -> list[float]:
    """The ticks 1, 10, 100, …, with 2 and 5 or only 3 between few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for between in ((1,), (1, 3), (1, 2, 5)):
        found = [factor * 10.0**power for power in powers for factor in between if low <= factor * 10.0**power <= high]
        if len(found) >= 4:
            break
    every = math.ceil(len(found) / 7)
    return found[::every]
