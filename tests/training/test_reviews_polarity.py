"""Polarities counted with folds."""

from __future__ import annotations

import numpy as np
import pytest

from training.reviews_lstm.polarity import ALL, FOLDS, Counts, folds_of

HOLDERS, HELD = np.array([0, 0, 1, 1, 2, 3]), np.array([2, 2, 2, 3, 3, 2])
"""Entry 2 in the reviews 0 (twice), 1 and 3, entry 3 in 1 and 2."""
TARGETS, FOLD = np.array([0.9, 0.8, 0.1, 0.4]), np.array([0, 1, 1, 2])


def counted() -> Counts:
    return Counts.of(HOLDERS, HELD, 5, TARGETS, FOLD)


def polarity(targets: list[float], mean: float) -> float:
    above, below = sum(targets) + 2 * mean, len(targets) - sum(targets) + 2 * (1 - mean)
    return np.log(above / below) - np.log(mean / (1 - mean))


def test_an_entry_is_counted_once_a_review_and_without_the_review_s_own_fold() -> None:
    found = counted().polarities()
    assert found.shape == (FOLDS + 1, 5)
    assert found[ALL, 2] == pytest.approx(polarity([0.9, 0.8, 0.4], 0.55), abs=1e-5)
    assert found[0, 2] == pytest.approx(polarity([0.8, 0.4], 1.3 / 3), abs=1e-5)
    assert found[1, 2] == pytest.approx(polarity([0.9, 0.4], 0.65), abs=1e-5)
    assert found[9].tolist() == found[ALL].tolist(), "no review is in the last fold"


def test_an_entry_that_was_not_seen_has_no_polarity() -> None:
    found = counted().polarities()
    assert np.all(found[:, [0, 1, 4]] == 0)
    assert found[1, 3] == 0, "it is in reviews of this fold only"


def test_reviews_of_one_class_have_finite_polarities() -> None:
    found = Counts.of(HOLDERS, HELD, 5, np.ones(4), FOLD).polarities()
    assert np.all(np.isfinite(found))


def test_copies_of_a_text_are_in_one_fold() -> None:
    first, same, *others = folds_of(["A good film", "a  GOOD film", *(f"film {number}" for number in range(99))])
    assert first == same
    assert set(others) == set(range(FOLDS))


def test_the_fingerprint_is_that_of_the_counts() -> None:
    assert counted().fingerprint == counted().fingerprint
    other = Counts.of(HOLDERS, HELD, 5, TARGETS[::-1], FOLD)
    assert other.fingerprint != counted().fingerprint
