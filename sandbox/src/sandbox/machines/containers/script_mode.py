"""Script mode: the start of AWS's TensorFlow training image without an entry point in the request.

A tuning job cannot name one: HyperParameterAlgorithmSpecification has no ContainerEntrypoint. Sources: the toolkits in
that image, sagemaker-training (`environment.py`, `files.py`, `entry_point.py`) and sagemaker-tensorflow-training; the
sagemaker SDK's own tuner (`sagemaker/train/tuner.py`) starts its training jobs so.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping

from sandbox.frame.errors import ValidationException

PROGRAM, SUBMIT_DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"
COMMAND = ["python3", str(pathlib.Path(__file__).with_name("script_mode_program.py"))]
_IMAGE = re.compile(r"(^|/)tensorflow-training[:@]")


def require_script(
    operation: str, image: str, hyperparameters: Mapping[str, str], environment: Mapping[str, str]
) -> None:
    """Raise ValidationException for a job without an entry point that the sandbox cannot start."""
    if not _IMAGE.search(image):
        raise ValidationException(
            f"the sandbox runs no container images, so it cannot start '{image}': it implements the script mode of "
            f"AWS's tensorflow-training images{_alternative(operation)}"
        )
    given = {PROGRAM: hyperparameters.get(PROGRAM) or environment.get(PROGRAM.upper())}
    given[SUBMIT_DIRECTORY] = hyperparameters.get(SUBMIT_DIRECTORY)
    if missing := [name for name, value in given.items() if not value]:
        raise ValidationException(
            f"the image's script mode has nothing to run: give the hyperparameters {' and '.join(missing)}, such as "
            f"{PROGRAM}=train.py and {SUBMIT_DIRECTORY}=/opt/ml/input/data/code/source.tar.gz (a folder or an "
            f"object of S3 does, too){_alternative(operation)}"
        )


def _alternative(operation: str) -> str:
    if operation != "CreateTrainingJob":
        return ""
    return (
        "; or give CreateTrainingJob.AlgorithmSpecification.ContainerEntrypoint, such as "
        "['python3', '/opt/ml/input/data/code/train.py']"
    )
