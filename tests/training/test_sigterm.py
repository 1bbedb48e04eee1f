"""SIGTERM to a real training job: a checkpoint, a clean end, and a job that resumes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from digits_lab import ROOT, prepared, training_job
from model_lab import environment

pytestmark = pytest.mark.tensorflow

SECONDS_TO_END = 60


def until(process: subprocess.Popen[str], text: str) -> str:
    """The log up to the line that holds the text."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError(f"the job ended before '{text}':\n{''.join(lines)}")


def interrupted(base: Path) -> str:
    """Start the job, send SIGTERM after some training, and return the whole log."""
    command = [sys.executable, "-m", "training.digits_cnn.train"]
    with subprocess.Popen(
        command, env=environment(base), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            log = until(process, "metric train:examples_per_second")
            process.send_signal(signal.SIGTERM)
            sent = time.monotonic()
            rest, _ = process.communicate(timeout=SECONDS_TO_END)
            assert time.monotonic() - sent < SECONDS_TO_END
            assert process.returncode == 0
            return log + rest
        finally:
            process.kill()


def test_a_stopped_job_leaves_a_checkpoint_that_the_next_one_takes_up(tmp_path: Path) -> None:
    training_job(tmp_path, prepared(), {"epochs": "100", "batch_size": "64", "precision": "float32"})
    first = interrupted(tmp_path)
    assert "training from step 0 to 3400" in first
    assert "SIGTERM: the checkpoint is saved" in first
    assert not (tmp_path / "model").exists()
    assert not (tmp_path / "output" / "failure").exists()
    step = max(int(path.name.removeprefix("step-")) for path in (tmp_path / "checkpoints").iterdir())
    assert step == max(int(found) for found in re.findall(r"train:loss=\S+ step=(\d+)", first))
    assert f"training from step {step} to 3400" in interrupted(tmp_path)
