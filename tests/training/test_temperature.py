"""The factor on logits: it makes them as sure as they are right, and is not fitted where nothing tells it."""

from __future__ import annotations

import numpy as np
import pytest

from training.common.temperature import MOST, Factor, losses


def drawn(factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits of three classes, and labels drawn with the probabilities of `factor` times these logits."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (20_000, 3)).astype(np.float32)
    chances = np.exp(factor * logits)
    chances /= chances.sum(1, keepdims=True)
    return logits, (chances.cumsum(1) < random.random((len(logits), 1))).sum(1)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.5])
def test_the_factor_behind_the_labels_is_found(factor: float) -> None:
    logits, labels = drawn(factor)
    fitted = Factor.fit(logits, labels)
    found = fitted.value
    assert found == pytest.approx(factor, rel=0.03)
    assert fitted.said == f"The logits are multiplied by {found:.3f}, fitted on 20,000 validation examples."
    assert losses(found * logits, labels).mean() <= losses(factor * logits, labels).mean()


def test_examples_that_are_all_right_give_the_largest() -> None:
    labels = np.arange(10) % 3
    assert Factor.fit(np.eye(3, dtype=np.float32)[labels], labels).value == pytest.approx(MOST)


def test_one_class_fits_nothing_and_says_so() -> None:
    found = Factor.fit(np.ones((4, 3), np.float32), np.ones(4, np.int64))
    assert found.value == 1
    assert found.said.startswith("The logits have no factor: the validation examples are of one class")


def test_the_loss_is_the_cross_entropy() -> None:
    logits, labels = np.log(np.array([[0.2, 0.8], [0.6, 0.4]], np.float32)), np.array([1, 1])
    np.testing.assert_allclose(losses(logits, labels), -np.log([0.8, 0.4]), rtol=1e-6)
