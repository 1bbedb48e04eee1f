"""The files that SageMaker and a job's code exchange.

Sources: AWS, "How Amazon SageMaker AI Provides Training Information" and "How Amazon SageMaker Processing Configures
Input and Output For Your Processing Container".
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.common.errors import JobError

DEFAULT_BASE = "/opt/ml"
JOB_NAME = "TRAINING_JOB_NAME"
CHECKPOINTS_OF = "CHECKPOINTS_OF"
"""The environment variable by which a request gives each of its jobs a folder of checkpoints: the value is `job`."""


@dataclass(frozen=True)
class Container:
    """The paths below one base folder, /opt/ml on AWS."""

    base: Path

    @classmethod
    def from_environment(cls) -> Container:
        """The base that SAGEMAKER_BASE_DIR names; AWS's own toolkit reads the same variable."""
        return cls(Path(os.environ.get("SAGEMAKER_BASE_DIR") or DEFAULT_BASE))

    @property
    def model(self) -> Path:
        """The folder that becomes model.tar.gz."""
        return self.base / "model"

    @property
    def checkpoints(self) -> Path:
        """The folder that SageMaker copies to S3 during a job, and restores for the next.

        All jobs with the same CheckpointConfig share it: the next compute candidate resumes what the one before began.
        The trials of a search, side by side, must not: each has the folder of its name below. Whether AWS gives each
        a path of its own in S3 is not documented, and so does not matter.
        """
        shared = self.base / "checkpoints"
        return shared / os.environ[JOB_NAME] if os.environ.get(CHECKPOINTS_OF) == "job" else shared

    @property
    def output(self) -> Path:
        """The folder for the reason of a failure and for output data."""
        return self.base / "output"

    def channel(self, name: str) -> Path:
        """The folder of a training job's input channel. Raises JobError if it is missing."""
        return _folder(self.base / "input" / "data" / name, f"The training job has no input channel '{name}'")

    def processing_input(self, name: str) -> Path:
        """The folder of a processing job's input. Raises JobError if it is missing."""
        return _folder(self.base / "processing" / "input" / name, f"The processing job has no input '{name}'")

    def has_processing_input(self, name: str) -> bool:
        """True for an input that the job's request names."""
        return (self.base / "processing" / "input" / name).is_dir()

    def processing_output(self, name: str) -> Path:
        """The folder of a processing job's output, created if it is missing."""
        folder = self.base / "processing" / "output" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def hyperparameters(self) -> dict[str, str]:
        """The job's hyperparameters by name; SageMaker passes all values as strings."""
        return self._configuration("hyperparameters.json")

    def resources(self) -> dict[str, Any]:
        """The content of resourceconfig.json, which lists the job's hosts; empty without the file."""
        return self._configuration("resourceconfig.json")

    def _configuration(self, name: str) -> dict[str, Any]:
        path = self.base / "input" / "config" / name
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _folder(path: Path, otherwise: str) -> Path:
    if not path.is_dir():
        raise JobError(f"{otherwise}: {path} does not exist.")
    return path
