"""The difference of a metric between two models, and its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pages.markup import interval
from pages.share import Interval, Share, difference

SAID = (
    "Within noise: the 95 % interval of the difference holds zero (Newcombe 1998, method 10, for two shares of "
    "examples; careful, because it does not use that both models saw the same ones). Metrics that are no share of "
    "examples, or were measured on other data, have no interval and are not tested."
)
DIGITS = 4


@dataclass(frozen=True)
class Difference:
    """Two values of a metric. `interval` is that of b - a, for shares of examples."""

    a: float
    b: float
    interval: Interval | None = None

    @classmethod
    def of(cls, a: float, b: float, examples: tuple[int | None, int | None]) -> Difference:
        """The difference of two shares of so many examples, or of two other numbers: these are of None."""
        of_a, of_b = examples
        if of_a and of_b and 0 <= a <= 1 and 0 <= b <= 1:
            return cls(a, b, difference(Share(a, of_a), Share(b, of_b)))
        return cls(a, b)

    @property
    def value(self) -> float:
        return self.b - self.a

    @property
    def is_chance(self) -> bool:
        """Tell whether chance explains the difference; never where it is not known."""
        return self.interval is not None and self.interval[0] <= 0 <= self.interval[1]

    @property
    def change(self) -> str:
        """The difference with its sign: +0.0025; "same" for equal values."""
        return "same" if self.a == self.b else self._signed(self.value)

    @property
    def verdict(self) -> str:
        """The result of the test: within noise, beyond noise, or "" without a test."""
        if self.interval is None or self.a == self.b:
            return ""
        return "within noise" if self.is_chance else "beyond noise"

    @property
    def sure(self) -> str:
        """The interval in words, -0.0004 to +0.0054; "" without a difference."""
        return interval(self.interval, self._signed) if self.interval and self.a != self.b else ""

    def shown(self, value: float) -> str:
        """A value with the decimals of both: four digits of the larger one."""
        return f"{value:,.{self._decimals}f}"

    def _signed(self, value: float) -> str:
        return f"{value:+,.{self._decimals}f}"

    @property
    def _decimals(self) -> int:
        if float(self.a).is_integer() and float(self.b).is_integer():
            return 0
        largest = max(abs(self.a), abs(self.b))
        digits = max(0, DIGITS - 1 - math.floor(math.log10(largest)))
        return DIGITS if 0.001 <= largest < 1 else digits
