"""The metrics of drawn digits, against cases with known answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from declared_values import received
from scipy.linalg import sqrtm

from specs import load
from training.common.errors import JobError
from training.common.frechet import frechet_distance
from training.digits_gan.algorithm import Settings
from training.digits_gan.judge import Judged, metrics
from training.digits_gan.samples import sheet

pytestmark = pytest.mark.tensorflow

(DECLARED,) = [model for model in load(Path(__file__).resolve().parents[2]).models if model.name == "digits-gan"]
TEST_DIGITS = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
"""The images of each digit in MNIST's test split."""


def exact(mean: list[float], deviations: list[float]) -> np.ndarray:
    """Two points on each axis with exactly these sample moments, uncorrelated."""
    size = len(mean)
    spread = np.sqrt((2 * size - 1) / 2)
    points = np.concatenate([np.eye(size), -np.eye(size)]) * np.array(deviations) * spread
    return points + mean


def test_the_distance_of_two_known_normal_distributions() -> None:
    # 3^2 + 4^2 between the means, (2 - 5)^2 + (1 - 1)^2 between the deviations.
    assert frechet_distance(exact([0, 0], [2, 1]), exact([3, 4], [5, 1])) == pytest.approx(25 + 9)


def test_the_distance_is_the_matrix_square_root_s() -> None:
    random = np.random.default_rng(0)
    first, second = (random.normal(size=(60, 6)) @ random.normal(size=(6, 6)) + shift for shift in (0, 1))
    covariances = [np.cov(rows, rowvar=False) for rows in (first, second)]
    root = sqrtm(covariances[0] @ covariances[1]).real
    expected = np.sum((first.mean(0) - second.mean(0)) ** 2) + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert frechet_distance(first, second) == pytest.approx(expected)
    assert frechet_distance(second, first) == pytest.approx(expected)


def test_a_set_is_at_no_distance_from_itself_even_where_features_are_constant() -> None:
    features = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    features[:, 2] = 0
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-6)


def judged(classes: list[int], sureness: float) -> Judged:
    probabilities = np.full((len(classes), 10), (1 - sureness) / 9)
    probabilities[np.arange(len(classes)), classes] = sureness
    return Judged(np.random.default_rng(1).normal(size=(len(classes), 4)), probabilities)


@pytest.mark.parametrize(
    ("classes", "balance"), [(list(range(10)), 1), ([7] * 10, 0), ([1, 2] * 5, np.log(2) / np.log(10))]
)
def test_class_balance_is_the_entropy_over_that_of_ten_equal_classes(classes: list[int], balance: float) -> None:
    found = metrics(judged(list(range(10)) * 2, 0.99), judged(classes, 0.99))
    assert found["class_balance"] == pytest.approx(balance)
    assert found["recognised"] == 1
    assert found["frechet_floor"] > 0


def test_the_gate_sees_a_generator_that_never_draws_a_seven() -> None:
    (limit,) = [each for each in DECLARED.evaluation.also if each.metric == "class_balance"]
    real = judged([digit for digit, count in enumerate(TEST_DIGITS) for _ in range(count)], 0.99)
    collapsed = judged([digit for digit in range(10) if digit != 7] * 500, 0.99)
    assert metrics(real, real)["class_balance"] > limit.threshold
    assert metrics(real, collapsed)["class_balance"] < limit.threshold


def test_what_the_judge_doubts_is_not_recognised() -> None:
    assert metrics(judged([1, 2] * 4, 0.99), judged([1, 2] * 2, 0.89))["recognised"] == 0


def test_a_sheet_is_read_row_by_row() -> None:
    images = np.arange(1, 4, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    picture = sheet(images, columns=2)
    assert picture.shape == (56, 56)
    assert [int(picture[y, x]) for y, x in ((0, 0), (0, 28), (28, 0), (28, 28))] == [1, 2, 3, 0]


REFUSED = {
    "batch_size": ("1", "a whole number from 2 to 8192"),
    "averaging": ("1", "a number from 0 to 0.9999"),
    "label_smoothing": ("nan", "a number from 0 to 0.4"),
    "generator_learning_rate": ("0", "a number from 1e-06 to 0.1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hyperparameters_that_are_refused(name: str) -> None:
    value, allowed = REFUSED[name]
    with pytest.raises(JobError) as raised:
        Settings.parse(received("digits_gan", **{name: value}))
    assert f"{name} is {value!r}, and must be {allowed}" in str(raised.value)
