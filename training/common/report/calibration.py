"""The calibration of a classifier: reliability diagram and expected calibration error.

Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks" (2017): predictions are put into bins by
their probability; the error is the mean distance of a bin's accuracy from its mean probability, weighted by its size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np

from pages.axis import Axis
from pages.chart import Chart, Series, side_by_side
from pages.markup import interval, join, note, percent
from pages.page import Section
from pages.share import Interval, Share

BINS = 15
LEAST = 10
"""The fewest predictions of a bin that is drawn: the accuracy of fewer says next to nothing."""


@dataclass(frozen=True)
class Bin:
    """The predictions in one range of probabilities: count, mean probability, accuracy."""

    count: int
    probability: float
    accuracy: float

    @property
    def interval(self) -> Interval:
        return Share(self.accuracy, self.count).interval


@dataclass(frozen=True)
class Calibration:
    """The non-empty bins, by rising probability."""

    bins: tuple[Bin, ...]

    @classmethod
    def of(cls, probabilities: np.ndarray, right: np.ndarray, bins: int = BINS) -> Calibration:
        """Bin the predictions' probabilities, float [n]; `right` marks correct ones, bool [n]."""
        numbers = np.minimum((probabilities * bins).astype(int), bins - 1)
        chosen = [numbers == number for number in range(bins) if np.any(numbers == number)]
        return cls(
            tuple(Bin(int(each.sum()), float(probabilities[each].mean()), float(right[each].mean())) for each in chosen)
        )

    @property
    def error(self) -> float:
        """The expected calibration error, from 0 to 1."""
        total = sum(each.count for each in self.bins)
        return sum(each.count * abs(each.accuracy - each.probability) for each in self.bins) / max(total, 1)


def section(calibration: Calibration, beside: Mapping[str, Calibration] | None = None) -> Section:
    """The reliability diagram and the histogram of probabilities; `beside` adds others by name."""
    others = "".join(f", of {name} {percent(each.error)}" for name, each in (beside or {}).items())
    compared = {"this model": calibration} | dict(beside or {})
    few = sum(each.count < LEAST for every in compared.values() for each in every.bins)
    left_out = f" Bins of fewer than {LEAST} predictions ({few} here) are not drawn." if few else ""
    said = (
        f"Of all predictions made with a probability of 80 %, four in five should be right: the closer to the dashed "
        f"line, the better calibrated; below it the model is overconfident. Expected calibration error "
        f"{percent(calibration.error)}{others} (all {BINS} bins). Upright lines are 95 % intervals.{left_out}"
    )
    return Section("Calibration", join(note(said), side_by_side([_reliability(compared), _sureness(calibration)])))


def _reliability(compared: Mapping[str, Calibration]) -> Chart:
    drawn = {name: [each for each in found.bins if each.count >= LEAST] for name, found in compared.items()}
    series = [
        Series(
            name,
            [(each.probability, each.accuracy) for each in bins],
            kind,
            said=[_words(name, each) for each in bins],
            intervals=[each.interval for each in bins],
        )
        for kind, (name, bins) in zip(chain(["line"], repeat("dashed")), drawn.items(), strict=False)
    ]
    alt = f"Reliability diagram: {'; '.join(said for each in series for said in each.said)}"
    whole = Axis(0, 1)
    return Chart("Reliability", alt, series, "mean probability", "share right", whole, whole, ideal=True)


def _words(name: str, each: Bin) -> str:
    right = f"{percent(each.accuracy)} right ({interval(each.interval, percent)})"
    return f"{name}: {each.count:,} predictions, {percent(each.probability)} sure, {right}"


def _sureness(calibration: Calibration) -> Chart:
    points = [((min(int(each.probability * BINS), BINS - 1) + 0.5) / BINS, each.count) for each in calibration.bins]
    words = [f"{each.count:,} predictions about {percent(each.probability)} sure" for each in calibration.bins]
    bars = Series("predictions", points, "bars", said=words)
    counts = Axis(0.8, max((each.count for each in calibration.bins), default=1) * 1.3, log=True)
    alt = f"Predictions by probability: {'; '.join(words)}"
    return Chart("How sure it is", alt, [bars], "probability", "predictions", x_axis=Axis(0, 1), y_axis=counts)
