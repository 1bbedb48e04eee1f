"""Errors of TensorFlow and Keras in one sentence, with the line of the model's code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from training.common import defect

pytestmark = pytest.mark.tensorflow
HERE = Path(__file__).name


def keras_model():
    import keras

    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="softmax", name="dense_out")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def label_out_of_range() -> None:
    keras_model().fit(np.zeros((8, 4)), np.full((8,), 7), verbose=0)  # the line of the label


def wrong_input() -> None:
    keras_model().fit(np.zeros((8, 5)), np.zeros(8), verbose=0)  # the line of the input


def unknown_name() -> None:
    import tensorflow as tf

    @tf.function
    def step(x):
        return absent(x)  # noqa: F821  the line of the name

    step(tf.constant(1))


def shapes() -> None:
    import tensorflow as tf

    tf.constant([1, 2]) + tf.constant([1, 2, 3])  # the line of the shapes


# The failing call, the end of its line, the type of the error, and the beginning of its message.
CASES: dict[str, tuple[Callable[[], None], str, str, str]] = {
    "a label out of range": (
        label_out_of_range,
        "of the label",
        "InvalidArgumentError",
        "Received a label value of 7 which is outside the valid range of [0, 3). Label values: 7 7 7 7 7 7 7 7",
    ),
    "an input of a wrong shape": (
        wrong_input,
        "of the input",
        "ValueError",
        "Exception encountered when calling Sequential.call(). Input 0 with name 'None' of layer 'dense_out' is "
        "incompatible with the layer: expected axis -1 of input shape to have value 4, but received input with shape "
        "(None, 5)",
    ),
    "a name within a function of the graph": (unknown_name, "of the name", "NameError", "name 'absent' is not defined"),
    "two shapes": (shapes, "of the shapes", "InvalidArgumentError", "Incompatible shapes: [2] vs. [3]"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_error_of_tensorflow(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail, end, kind, message = CASES[case]
    here = Path(__file__).resolve()
    monkeypatch.setattr(defect, "CODE", here.parents[2])
    monkeypatch.setattr(defect, "_SHIPPED", {"tests"})
    lines = here.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.endswith(f"the line {end}"))
    with pytest.raises(Exception) as caught:
        fail()
    sentence = defect.sentence(caught.value)
    assert sentence.startswith(f"{kind} in tests/training/{HERE}, line {line}: {message}"), sentence
    assert "{{" not in sentence
