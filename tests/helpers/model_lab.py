"""The jobs of any declared model on its small data set, once a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from declared_models import ROOT, Found
from declared_values import received
from once import once
from small_data import write_small

from training.common.hyperparameters import table

QUICK = {"epochs": "2.5", "batch_size": "40", "checkpoint_seconds": "3600"}
"""A few steps; a checkpoint only after each epoch, so that SIGKILL loses steps."""


def hyperparameters(model: Found) -> dict[str, str]:
    """The declared values, with a short training in one precision on every machine."""
    fixed = {"precision": "float32"} if "precision" in table(model.algorithm.hyperparameters) else {}
    return received(model.package, **QUICK, **fixed)


def environment(base: Path) -> dict[str, str]:
    """A job's environment."""
    return os.environ | {"SAGEMAKER_BASE_DIR": str(base), "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUNBUFFERED": "1"}


def run_step(package: str, base: Path, step: str) -> subprocess.CompletedProcess[str]:
    """Run prepare, train or evaluate to its end."""
    command = [sys.executable, "-m", f"training.{package}.{step}"]
    return subprocess.run(command, env=environment(base), cwd=ROOT, capture_output=True, text=True, check=False)


def archive(folder: Path, file: Path) -> None:
    """Write a folder's content as SageMaker archives it."""
    file.parent.mkdir(parents=True)
    with tarfile.open(file, "w:gz") as tar:
        tar.add(folder, ".")


def write_raw(model: Found, base: Path) -> Path:
    """The small data set as the input `raw` of a processing job."""
    raw = base / "processing" / "input" / "raw"
    raw.mkdir(parents=True)
    write_small(model.package, raw)
    return raw


def prepared(model: Found) -> Path:
    """The prepared splits."""
    return once(f"{model}-small-prepared", lambda base: _prepare(model, base)) / "processing" / "output" / "prepared"


def trained(model: Found) -> Path:
    """The base folder of a finished training job, with its log."""
    return once(f"{model}-small-trained", lambda base: _train(model, base))


def evaluated(model: Found) -> Path:
    """The output of the evaluation of the trained model."""
    return once(f"{model}-small-evaluated", lambda base: _evaluate(model, base)) / "processing/output/evaluation"


def _prepare(model: Found, base: Path) -> None:
    write_raw(model, base)
    _succeed(model, base, "prepare")


def _train(model: Found, base: Path) -> None:
    config, data = base / "input" / "config", base / "input" / "data"
    config.mkdir(parents=True)
    data.mkdir()
    for split in ("train", "validation"):
        (data / split).symlink_to(prepared(model) / split)
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters(model)))
    (base / "log").write_text(_succeed(model, base, "train"))


def _evaluate(model: Found, base: Path) -> None:
    inputs = base / "processing" / "input"
    archive(trained(model) / "model", inputs / "model" / "model.tar.gz")
    archive(trained(model) / "output" / "data", inputs / "training" / "output.tar.gz")
    if model.algorithm.needs_judge:
        judge = Found(model.declared["evaluation"]["judge"])
        archive(trained(judge) / "model", inputs / "judge" / "model.tar.gz")
    (inputs / "test").symlink_to(prepared(model) / "test")
    _succeed(model, base, "evaluate")


def _succeed(model: Found, base: Path, step: str) -> str:
    result = run_step(model.package, base, step)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
