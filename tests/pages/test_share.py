"""Intervals of shares: Wilson's against SciPy, Newcombe's against his published examples."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from pages.share import Share, difference


@pytest.mark.parametrize(("count", "examples"), [(0, 1), (1, 1), (5, 10), (81, 263), (9910, 10_000), (500, 500)])
def test_the_interval_of_a_share(count: int, examples: int) -> None:
    expected = binomtest(count, examples).proportion_ci(method="wilson")
    assert Share(count / examples, examples).interval == pytest.approx((expected.low, expected.high), abs=1e-12)


# Newcombe (1998), Table II, method 10: p1 - p2.
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_the_interval_of_a_difference(
    first: tuple[int, int], second: tuple[int, int], expected: tuple[float, float]
) -> None:
    one, other = (Share(count / examples, examples) for count, examples in (first, second))
    assert difference(other, one) == pytest.approx(expected, abs=5e-5)
