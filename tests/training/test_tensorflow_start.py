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


@pytest.mark.tensorflow
def test_unused_packages_are_not_loaded_and_stay_usable() -> None:
    result = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["importing TensorFlow", "loaded: []"]
