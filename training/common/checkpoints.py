"""Checkpoints that survive a job: verified before use, the last two kept.

SageMaker copies /opt/ml/checkpoints to S3 file by file while the job runs, and deletes in S3 what the job deletes. So
the next job may receive half of a checkpoint, and S3 cannot rename a whole one into place. Therefore a checkpoint is
written at its own place, and its record last: without the record, or with checksums that do not match it, the
checkpoint before is used. Source: AWS, "Checkpoints in Amazon SageMaker AI".
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import tensorflow as tf

from training.common.metrics import history

KEPT = 2
"""While the newest travels to S3, the one before is whole there."""
RECORD = "checkpoint.json"


class Checkpoints:
    """The checkpoints of one training run in one folder.

    A checkpoint is usable only for the same `identity`: data, and hyperparameters that shape the run. Variables of the
    same shapes belong to it, too: the code of a later version may build another network.
    """

    def __init__(self, folder: Path, variables: dict[str, list[tf.Variable]], identity: dict[str, Any]) -> None:
        self._folder = folder
        shapes = {part: [each.shape.as_list() for each in parts] for part, parts in variables.items()}
        self._identity = json.loads(json.dumps({**identity, "network": shapes}))
        self._state = tf.train.Checkpoint(**variables)

    def save(self, step: int) -> None:
        """Write the variables as the checkpoint of a step, and keep the newest two.

        Later steps are of a run that could not be resumed: they go too, or they would take the place of usable ones.
        """
        path = self._folder / f"step-{step:010d}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        self._state.write(str(path / "state"))
        history.write(path)
        files = {each.name: _sha256(each) for each in sorted(path.iterdir())}
        _write_last(path / RECORD, json.dumps({"step": step, "identity": self._identity, "files": files}))
        found = self._newest_first()
        kept = [each for each in found if each.name <= path.name][:KEPT]
        for old in found:
            if old not in kept:
                shutil.rmtree(old)

    def restore(self) -> int:
        """Restore the newest usable checkpoint and its history; return its step, or 0.

        Usable is a whole checkpoint of this run. Prints why others are skipped.
        """
        for path in self._newest_first():
            problem = self._problem(path)
            if problem is None:
                self._state.read(str(path / "state")).assert_consumed()
                step = int(path.name.removeprefix("step-"))
                history.resume(path, step)
                return step
            print(f"checkpoint {path.name} is not used: {problem}", flush=True)
        history.resume(None, 0)
        return 0

    def newest(self) -> str | None:
        """The name of the newest usable checkpoint."""
        return next((path.name for path in self._newest_first() if self._problem(path) is None), None)

    def _newest_first(self) -> list[Path]:
        return sorted(self._folder.glob("step-*"), reverse=True)

    def _problem(self, path: Path) -> str | None:
        try:
            record = json.loads((path / RECORD).read_text())
            damaged = [name for name, checksum in record["files"].items() if _sha256(path / name) != checksum]
            identity = record["identity"]
        except (OSError, ValueError, KeyError) as error:
            return f"it is incomplete ({type(error).__name__}: {error})"
        if damaged:
            return f"its file {damaged[0]} is damaged"
        differing = sorted(key for key in self._identity if identity.get(key) != self._identity[key])
        if differing:
            return f"it was made with another {', '.join(differing)}"
        return None


def _write_last(path: Path, text: str) -> None:
    """Write a file whole or not at all: SIGKILL leaves no half of it."""
    part = path.with_suffix(".part")
    part.write_text(text)
    os.replace(part, path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
