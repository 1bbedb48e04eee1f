"""The GAN's training on a few digits: exact resume, divergence, and the SavedModel that draws by seed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from declared_values import received
from interruptions import AfterChunks

from training.common.cluster import Cluster
from training.common.container import Container
from training.common.errors import JobError
from training.common.manifest import Manifest, Origin
from training.common.mnist import MNIST
from training.common.shard_writer import write_split
from training.common.training_job import Job
from training.digits_gan.algorithm import Settings

pytestmark = pytest.mark.tensorflow

SERVING = Path(__file__).resolve().parents[2] / ".cache" / "serving-tensorflow" / "bin" / "python"
CHANGES = {"epochs": "3", "batch_size": "8", "checkpoint_seconds": "0"}
STEPS = 3 * 6


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, random = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for split, count in (("train", 48), ("validation", 60)):
        columns = {"image": random.integers(0, 256, (count, 28, 28), np.uint8), "label": np.arange(count) % 10}
        write_split(folder / split, split, columns, MNIST.schema, Origin("noise", "none", "by hand"))
    return folder


def run_of(base: Path, data: Path, chunks: float = float("inf"), **changes: str):
    from training.digits_gan.run import GanRun

    folders = {split: data / split for split in ("train", "validation")}
    manifests = {split: Manifest.read(folder) for split, folder in folders.items()}
    settings = Settings.parse(received("digits_gan", **CHANGES | changes))
    return GanRun(Job(Container(base), settings, folders, manifests, AfterChunks(chunks), Cluster()))


def state(run) -> dict[str, np.ndarray]:
    parts = run.fitting.variables() | {"samples": run.samples.variables()}
    return {f"{part} {number}": each.numpy() for part, held in parts.items() for number, each in enumerate(held)}


def test_a_resumed_run_ends_bit_for_bit_where_an_undisturbed_one_does(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    undisturbed = run_of(tmp_path / "a", data)
    assert undisturbed.train()
    assert not run_of(tmp_path / "b", data, chunks=2).train()
    capsys.readouterr()
    resumed = run_of(tmp_path / "b", data)
    assert resumed.train()
    start = int(capsys.readouterr().out.split("training from step ")[1].split()[0])
    assert 0 < start < STEPS
    expected, found = state(undisturbed), state(resumed)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)
    undisturbed.export(tmp_path / "model" / "1")
    sheets = sorted(path.name for path in (tmp_path / "a" / "output" / "data" / "samples").iterdir())
    assert sheets == [f"step-{6 * epoch:010d}.png" for epoch in range(1, 4)]
    drawn_by_seed(tmp_path / "model" / "1")


def drawn_by_serving_tensorflow(model: Path) -> np.ndarray:
    """Five images of seed 7 by the serving container's TensorFlow 2.20 (`make test` installs it)."""
    program = (
        "import json, sys, tensorflow as tf; draw = tf.saved_model.load(sys.argv[1]).signatures['serving_default']; "
        "drawn = draw(seed=tf.constant(7, tf.int64), count=tf.constant(5, tf.int32)); "
        "print(json.dumps([tf.__version__, drawn['images'].numpy().tolist()]))"
    )
    result = subprocess.run([SERVING, "-c", program, str(model)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    version, images = json.loads(result.stdout.splitlines()[-1])
    assert version.startswith("2.20.")
    return np.array(images, np.uint8)


def drawn_by_seed(model: Path) -> None:
    import tensorflow as tf

    signatures = tf.saved_model.load(str(model)).signatures

    def images(seed: int, count: int, name: str = "serving_default", **digit: int) -> np.ndarray:
        asked = {"count": count, **digit}
        inputs = {key: tf.constant(value, tf.int32) for key, value in asked.items()}
        return signatures[name](seed=tf.constant(seed, tf.int64), **inputs)["images"].numpy()

    first = images(7, 5)
    assert first.shape == (5, 28, 28)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(images(7, 256)[:5], first)
    assert not np.array_equal(images(8, 5), first)
    if SERVING.exists() or os.environ.get("CI"):
        np.testing.assert_array_equal(drawn_by_serving_tensorflow(model), first)
    assert images(2**63 - 1, 1).shape == (1, 28, 28)
    for count in (0, 257):
        with pytest.raises(tf.errors.InvalidArgumentError, match="count must be from 1 to 256"):
            images(7, count)
    of_digits = np.concatenate([images(7, 5, "serving_digit", digit=digit) for digit in range(10)])
    assert all(any(np.array_equal(each, one) for one in of_digits) for each in first), "they are of digits by chance"
    for digit in (-1, 10):
        with pytest.raises(tf.errors.InvalidArgumentError, match="digit must be from 0 to 9"):
            images(7, 5, "serving_digit", digit=digit)


def test_a_loss_that_is_no_number_ends_the_job_with_the_last_good_checkpoint(tmp_path: Path, data: Path) -> None:
    run_of(tmp_path, data, chunks=1).train()
    run = run_of(tmp_path, data)
    take = run.loop.feed.take

    def poisoned(*position: int):
        weights = run.fitting.generator.trainable_variables[0]
        weights.assign(np.full(weights.shape, np.nan, np.float32))
        return take(*position)

    run.loop.feed.take = poisoned
    with pytest.raises(JobError, match=r"The training diverged: .* the last good state is the checkpoint step-"):
        run.train()


def test_a_batch_larger_than_the_split_is_refused(tmp_path: Path, data: Path) -> None:
    with pytest.raises(JobError, match="holds 48 records, fewer than one batch: set batch_size to at most 48"):
        run_of(tmp_path, data, batch_size="64")
