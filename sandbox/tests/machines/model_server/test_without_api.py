"""The process that stands for TensorFlow Serving holds no Python API of TensorFlow."""

from __future__ import annotations

import subprocess
import sys

import pytest
from own_sandbox import ROOT

pytestmark = pytest.mark.tensorflow

SCRIPT = """
import sys
from sandbox.machines.model_server.tensorflow_serving.without_api import leave_out_api
leave_out_api()
import sandbox.machines.model_server.tensorflow_serving.server
print(sorted({"keras", "sklearn", "tensorflow._api", "tensorflow.python.keras"} & sys.modules.keys()))
"""


def test_the_server_imports_only_what_a_session_needs() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, check=True, capture_output=True, text=True)
    assert ended.stdout == "[]\n"
