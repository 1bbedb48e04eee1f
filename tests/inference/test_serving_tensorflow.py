"""The exported model under the serving TensorFlow, which is older than the training one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from digits_lab import ROOT, prepared, trained

from training.common.manifest import Manifest
from training.common.report.pictures import png
from training.common.shard_reader import read_whole

pytestmark = pytest.mark.tensorflow

PYTHON = ROOT / ".cache" / "serving-tensorflow" / "bin" / "python"
IMAGES = 50
SCRIPT = """
import json, sys
from pathlib import Path
import numpy as np, tensorflow as tf
folder, model = Path(sys.argv[1]), tf.saved_model.load(sys.argv[2])
images = np.load(folder / "images.npy")
pictures = tf.constant([path.read_bytes() for path in sorted(folder.glob("*.png"))])
answers = {
    "serving_default": model.signatures["serving_default"](images=tf.constant(images)),
    "serving_png": model.signatures["serving_png"](png_bytes=pictures),
    "serving_raw": model.signatures["serving_raw"](raw=tf.constant([image.tobytes() for image in images])),
}
found = {name: {key: value.numpy().tolist() for key, value in answer.items()} for name, answer in answers.items()}
print(json.dumps({"version": tf.__version__, "answers": found}))
"""


def answers_of(python: Path | str, folder: Path) -> dict:
    """The SavedModel's answers through every signature under that interpreter's TensorFlow."""
    command = [str(python), "-c", SCRIPT, str(folder), str(trained() / "model" / "1")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.skipif(not PYTHON.exists() and not os.environ.get("CI"), reason="make test installs that TensorFlow")
def test_the_serving_container_s_tensorflow_predicts_what_the_training_container_s_does(tmp_path: Path) -> None:
    images = read_whole(prepared() / "test", Manifest.read(prepared() / "test"))[0][:IMAGES]
    np.save(tmp_path / "images.npy", images)
    for number, image in enumerate(images):
        (tmp_path / f"{number:03d}.png").write_bytes(png(image))
    here, there = answers_of(sys.executable, tmp_path), answers_of(PYTHON, tmp_path)
    assert here["version"].startswith("2.21.")
    assert there["version"].startswith("2.20.")
    for name, expected in here["answers"].items():
        found = there["answers"][name]
        assert found["class"] == expected["class"]
        assert len(set(found["class"])) > 5
        np.testing.assert_allclose(found["probabilities"], expected["probabilities"], atol=1e-5)
