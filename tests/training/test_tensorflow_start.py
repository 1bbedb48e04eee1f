"""TensorFlow imported by a job: without packages that it can do without, and these usable afterwards."""

from __future__ import annotations

import subprocess
import sys

import pytest
from digits_lab import ROOT

from training.common.tensorflow_start import UNUSED

PROGRAM = f"""
import importlib, sys
from training.common.tensorflow_start import import_tensorflow

import_tensorflow()
import training.digits_cnn.run, training.digits_gan.run, training.reviews_lstm.run
loaded = [name for name in {UNUSED} if name in sys.modules]
for name in {UNUSED}:
    importlib.import_module(name)
from sklearn.linear_model import LogisticRegression
print("loaded:", loaded)
"""


IMPORTED_BEFORE = """
import sklearn
from training.common.tensorflow_start import import_tensorflow

import_tensorflow()
import keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
print(type(keras.wrappers.SKLearnRegressor(model)).__name__)
"""


def run(program: str) -> list[str]:
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@pytest.mark.tensorflow
def test_unused_packages_are_not_loaded_and_stay_usable() -> None:
    assert run(PROGRAM) == ["importing TensorFlow", "loaded: []"]


@pytest.mark.tensorflow
def test_keras_has_its_tools_for_what_was_imported_before() -> None:
    assert run(IMPORTED_BEFORE) == ["importing TensorFlow", "SKLearnRegressor"]
