"""Shares of examples with their 95 % intervals, and the interval of a difference of two."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

LEVEL = 0.95
_Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
Interval = tuple[float, float]


@dataclass(frozen=True)
class Share:
    """A share from 0 to 1, counted in `examples` examples, at least one."""

    value: float
    examples: int

    @property
    def interval(self) -> Interval:
        """The score interval. Source: Wilson, "Probable Inference, the Law of Succession, and Statistical
        Inference" (1927).
        """
        weight = _Z**2 / self.examples
        middle = (self.value + weight / 2) / (1 + weight)
        half = _Z / (1 + weight) * math.sqrt((self.value * (1 - self.value) + weight / 4) / self.examples)
        return max(0.0, middle - half), min(1.0, middle + half)


def difference(a: Share, b: Share) -> Interval:
    """The interval of b - a, as if they were counted in different examples.

    Counted in the same examples, the real interval is narrower. Source: Newcombe, "Interval Estimation for the
    Difference Between Independent Proportions: Comparison of Eleven Methods" (1998), method 10.
    """
    (a_low, a_high), (b_low, b_high) = a.interval, b.interval
    apart = b.value - a.value
    return (
        apart - math.hypot(b.value - b_low, a_high - a.value),
        apart + math.hypot(b_high - b.value, a.value - a_low),
    )
