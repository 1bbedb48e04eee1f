"""A model's whole training job, traced: the examples of each step, the final state, and kills.

For a model of your own, three lines suffice: a Subject, and `undisturbed` and `resumed` compared by `assert_same`. As a
program (`resume_lab.py PACKAGE BASE SIGNAL STEP`) it is the process that a test kills, or one host of several; its
trace is in BASE/trace.pickle.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from declared_values import received

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300
"""The time limit of a process; on a quiet machine it takes 10."""
NONE = "none"
TWO_REPLICAS = "two replicas"


@dataclass(frozen=True)
class Subject:
    """A package of training/, hyperparameters for at least two epochs, and its splits."""

    package: str
    hyperparameters: dict[str, str]
    prepared: Callable[[], Path]

    def job(self, base: Path, hosts: Sequence[str] = ("algo-1",), current: str = "algo-1") -> Path:
        """Write a training job's input below `base`; existing files, such as checkpoints, stay."""
        config, data = base / "input" / "config", base / "input" / "data"
        for folder in (config, data):
            folder.mkdir(parents=True, exist_ok=True)
        for split in ("train", "validation"):
            if not (data / split).exists():
                (data / split).symlink_to(self.prepared() / split)
        (config / "hyperparameters.json").write_text(json.dumps(received(self.package, **self.hyperparameters)))
        resources = {"hosts": list(hosts), "current_host": current}
        (config / "resourceconfig.json").write_text(json.dumps(resources))
        return base


@dataclass
class Trace:
    """A job's trace: the examples' digests by (epoch, step in it), and the final state by part."""

    seen: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    state: dict[str, list[np.ndarray]] = field(default_factory=dict)
    started: int = -1
    finished: bool = False


@dataclass
class WatchedFeed:
    """A feed that records its chunks, and sends this process a signal at a step."""

    feed: Any
    trace: Trace
    rows: int
    kill: signal.Signals | None
    at: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.feed, name)

    def take(self, epoch: int, step: int, count: int) -> Any:
        chunk = self.feed.take(epoch, step, count)
        position = epoch * self.feed.steps_per_epoch + step
        if self.trace.started < 0:
            self.trace.started = position
        if self.kill and position <= self.at < position + chunk.steps:
            os.kill(os.getpid(), self.kill)
        digests = _digests([tensor.numpy() for tensor in chunk.tensors])
        for number in range(chunk.steps):
            self.trace.seen[epoch, step + number] = digests[number * self.rows : (number + 1) * self.rows]
        return chunk


def _digests(columns: list[np.ndarray]) -> list[str]:
    rows = zip(*columns, strict=True)
    return [hashlib.sha256(b"|".join(np.asarray(each).tobytes() for each in row)).hexdigest() for row in rows]


def run_job(subject_package: str, base: Path, kill: str = NONE, at: int = -1) -> Trace:
    """Run the package's training job in this process to its last step, without export.

    A job to be killed takes one step at a time, so that it stops at the given step.
    """
    from training.common import training_loop
    from training.common.container import Container

    trace, run = Trace(), training_loop.TrainingLoop.run

    def watched(loop: training_loop.TrainingLoop) -> bool:
        rows = loop.distribution.host_batch_size
        loop.feed = WatchedFeed(loop.feed, trace, rows, None if kill == NONE else signal.Signals[kill], at)
        trace.finished = run(loop)
        trace.state = {
            part: [variable.numpy() for variable in variables] for part, variables in loop.fitting.variables().items()
        }
        return False

    before = signal.getsignal(signal.SIGTERM)
    steps = {"CHUNK_SECONDS": 1.0} if kill == NONE else {"FIRST_CHUNK_STEPS": 1, "CHUNK_SECONDS": 0.0}
    try:
        with patch.object(training_loop.TrainingLoop, "run", watched), patch.multiple(training_loop, **steps):
            importlib.import_module(f"training.{subject_package}.train").main(Container(base))
    finally:
        signal.signal(signal.SIGTERM, before)
    return trace


def start(subject: Subject, base: Path, kill: str = NONE, at: int = -1, job: str = "lab") -> subprocess.Popen[str]:
    """Start the same as a process, with its log in BASE/log."""
    command = [sys.executable, __file__, subject.package, str(base), kill, str(at)]
    environment = os.environ | {
        "SAGEMAKER_BASE_DIR": str(base), "TRAINING_JOB_NAME": job, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"
    }  # fmt: skip
    with (base / "log").open("w") as log:
        return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, text=True)


def trace_of(base: Path) -> Trace:
    """The trace of a process."""
    trace = pickle.loads((base / "trace.pickle").read_bytes())
    assert isinstance(trace, Trace)
    return trace


def undisturbed(subject: Subject, base: Path) -> Trace:
    """The trace of an uninterrupted job."""
    trace = run_job(subject.package, subject.job(base))
    assert trace.finished
    return trace


def resumed(subject: Subject, base: Path, kill: str, at: int) -> Trace:
    """The joint trace of a job killed at a step, and of its successor."""
    subject.job(base)
    if kill == "SIGTERM":
        first = run_job(subject.package, base, kill, at)
        assert not first.finished
    else:
        with start(subject, base, kill, at) as process:
            assert process.wait(SECONDS) == -signal.SIGKILL, (base / "log").read_text()
        first = Trace()  # a killed process leaves no trace
    second = run_job(subject.package, base)
    assert second.finished
    assert 0 < second.started <= at + 1
    return Trace(first.seen | second.seen, second.state, second.started, finished=True)


def assert_same(expected: Trace, found: Trace, tolerance: float = 0.0) -> None:
    """Assert equal examples at every step, none twice in an epoch, and equal final states.

    States are equal bit for bit, or up to a root mean square of each tensor's difference. The state has the optimizer's
    slots and its count of steps, on which the learning rate depends.
    """
    for place, digests in found.seen.items():
        assert digests == expected.seen[place], f"epoch and step {place}"
    for epoch in {epoch for epoch, _ in expected.seen}:
        shown = [digest for place, digests in expected.seen.items() if place[0] == epoch for digest in digests]
        assert len(shown) == len(set(shown)), f"epoch {epoch} shows an example twice"
    assert found.state.keys() == expected.state.keys()
    for part, values in expected.state.items():
        for number, (before, after) in enumerate(zip(values, found.state[part], strict=True)):
            difference = np.asarray(after, np.float64) - before
            assert np.sqrt(np.mean(difference**2)) <= tolerance, f"{part} {number}"


def _two_replicas() -> None:
    """Train on two logical devices of this CPU, as on two GPUs of one host."""
    import tensorflow as tf

    from training.common import distribution

    [cpu] = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    distribution.accelerators = lambda: tf.config.list_logical_devices("CPU")


def _main(package: str, base: str, kill: str, at: str) -> None:
    from training.common import failure

    def step(container: Any) -> None:
        if kill == TWO_REPLICAS:
            _two_replicas()
        (container.base / "trace.pickle").write_bytes(pickle.dumps(run_job(package, container.base, signals, int(at))))

    signals = NONE if kill == TWO_REPLICAS else kill
    sys.modules["resume_lab"] = sys.modules["__main__"]
    Trace.__module__ = "resume_lab"
    failure.run(step)


if __name__ == "__main__":
    _main(*sys.argv[1:])
