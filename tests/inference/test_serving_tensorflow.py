"""The exported model under the TensorFlow that serves it, which is older than the one that trains it."""

from __future__ import annotations

import json
import subprocess

import pytest
from digits_lab import ROOT, trained

PYTHON = ROOT / ".cache" / "serving-tensorflow" / "bin" / "python"
SCRIPT = """
import json, sys
import numpy as np, tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
image = np.zeros((28, 28), np.uint8)
image[4:24, 13:15] = 255
png = tf.io.encode_png(image[..., None])
answers = [
    loaded.signatures["serving_default"](images=tf.constant(image[None])),
    loaded.signatures["serving_png"](png_bytes=png[None]),
    loaded.signatures["serving_raw"](raw=tf.constant([image.tobytes()])),
]
print(json.dumps([tf.__version__, [answer["class"].numpy().tolist() for answer in answers]]))
"""


@pytest.mark.skipif(not PYTHON.exists(), reason="make test installs the TensorFlow that serves")
def test_every_signature_answers_under_the_serving_container_s_tensorflow() -> None:
    command = [str(PYTHON), "-c", SCRIPT, str(trained() / "model" / "1")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    version, classes = json.loads(result.stdout)
    assert version.startswith("2.20.")
    assert classes == [[1], [1], [1]]
