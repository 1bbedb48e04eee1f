"""The launchers of distributed training that the SageMaker SDK sends with a job.

They lie in the channel `sm_drivers` of a ModelTrainer, beside `distributed.json` with the settings of `Torchrun` or
`MPI`. A tuning job sends them too, and starts the image's script mode without them.
Source: the SDK's `sagemaker/train/distributed.py` and `sagemaker/train/container_drivers/distributed_drivers`.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.frame.permissions import Credentials
from sandbox.machines.containers.own_packages import programs_for
from sandbox.machines.containers.s3_transfer import TRANSFER_ERRORS, S3Location

_CHANNEL = "sm_drivers"
_OF_MPI, _OF_TORCHRUN = "mpi_additional_options", "smp"


def require_launcher(host: Host, credentials: Credentials, request: dict[str, Any]) -> None:
    """Raise ValidationException for a launcher that this machine cannot run."""
    if not request["AlgorithmSpecification"].get("ContainerEntrypoint"):
        return
    for channel in request.get("InputDataConfig", []):
        if channel["ChannelName"] == _CHANNEL:
            settings = _settings(host.client("s3", credentials), channel["DataSource"]["S3DataSource"]["S3Uri"])
            _require_runnable(settings, request["AlgorithmSpecification"]["TrainingImage"])


def _require_runnable(settings: dict[str, Any], image: str) -> None:
    if _OF_MPI in settings:
        raise ValidationException(
            "the sandbox does not run ModelTrainer(distributed=MPI(...)): its launcher starts an SSH server on port 22 "
            "and writes /etc/environment, and both belong to this machine. Leave distributed out: each instance then "
            "runs the script, and finds the others by SM_HOSTS"
        )
    if _OF_TORCHRUN in settings and shutil.which("torchrun", path=programs_for(image)) is None:
        raise ValidationException(
            "ModelTrainer(distributed=Torchrun(...)) needs torchrun, and the Python of the sandbox's jobs has no "
            "PyTorch. Install torch there, name a Python that has it by SANDBOX_JOB_PYTHON, or leave distributed out"
        )


def _settings(s3: Any, drivers: str) -> dict[str, Any]:
    """The content of distributed.json; nothing if it cannot be read, as the download will tell."""
    place = S3Location.parse(drivers.rstrip("/")) / "distributed.json"
    try:
        found = json.loads(s3.get_object(Bucket=place.bucket, Key=place.key)["Body"].read())
    except (*TRANSFER_ERRORS, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
