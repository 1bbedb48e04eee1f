"""Percentiles and request bodies."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from demo import measure


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (100, 100), (1, 1), (0, 1), (99.5, 100)])
def test_percentile_by_nearest_rank(percent: float, expected: int) -> None:
    shuffled = np.random.default_rng(0).permutation(np.arange(1, 101)).tolist()
    assert measure.percentile(shuffled, percent) == expected


@pytest.mark.parametrize(
    ("samples", "percent", "expected"), [([7.0], 99, 7.0), ([1.0, 2.0], 50, 1.0), ([1.0, 2.0], 51, 2.0)]
)
def test_percentile_of_few(samples: list[float], percent: float, expected: float) -> None:
    assert measure.percentile(samples, percent) == expected


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no percentile of no samples"):
        measure.percentile([], 50)


def test_bodies_hold_the_images_unchanged() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    np.testing.assert_array_equal(np.load(io.BytesIO(measure.npy(images)), allow_pickle=False), images)
    decoded = Image.open(io.BytesIO(measure.png(images[0])))
    assert (decoded.format, decoded.mode) == ("PNG", "L")
    np.testing.assert_array_equal(np.asarray(decoded), images[0])
