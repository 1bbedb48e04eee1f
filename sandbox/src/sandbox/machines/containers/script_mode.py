"""Script mode: the start of AWS's TensorFlow training image without an entry point in the request.

A tuning job cannot name one: HyperParameterAlgorithmSpecification has no ContainerEntrypoint. Sources: the toolkits in
that image, sagemaker-training (`environment.py`, `files.py`, `entry_point.py`) and sagemaker-tensorflow-training; the
sagemaker SDK's own tuner (`sagemaker/train/tuner.py`) starts its training jobs so.
"""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Iterator, Mapping

from sandbox.frame.errors import ValidationException

PROGRAM, SUBMIT_DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"
COMMAND = ["python3", str(pathlib.Path(__file__).with_name("script_mode_program.py"))]
HONOURED = frozenset(
    {
        PROGRAM,
        SUBMIT_DIRECTORY,
        "sagemaker_container_log_level",
        "sagemaker_job_name",
        "sagemaker_multi_worker_mirrored_strategy_enabled",
        "sagemaker_parameter_server_enabled",
        "sagemaker_region",
    }
)
WITHOUT_EFFECT = frozenset(
    {
        "sagemaker_distributed_dataparallel_custom_mpi_options",
        "sagemaker_enable_cloudwatch_metrics",
        "sagemaker_estimator_class_name",
        "sagemaker_estimator_module",
        "sagemaker_instance_type",
        "sagemaker_mpi_custom_mpi_options",
        "sagemaker_mpi_num_of_processes_per_host",
        "sagemaker_mpi_num_processes",
        "sagemaker_network_interface_name",
    }
)
"""Settings that nothing reads, and options of those refused: the script finds most of them in SM_FRAMEWORK_PARAMS."""
_PYTORCH = "it is a setting of AWS's PyTorch image"
REFUSED = {
    "sagemaker_distributed_dataparallel_enabled": "the sandbox has no SageMaker data parallel library",
    "sagemaker_distribution_instance_groups": "the sandbox has no instance groups",
    "sagemaker_mpi_enabled": "the sandbox has no MPI",
    "sagemaker_pytorch_ddp_enabled": _PYTORCH,
    "sagemaker_pytorch_xla_multi_worker_enabled": _PYTORCH,
    "sagemaker_s3_output": "the sandbox does not upload /opt/ml/output/intermediate",
    "sagemaker_torch_distributed_enabled": _PYTORCH,
    "sagemaker_training_compiler_debug_mode": "the sandbox has no SageMaker Training Compiler",
    "sagemaker_training_compiler_enabled": "the sandbox has no SageMaker Training Compiler",
}
_PREFIX = "sagemaker_"
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
    if faults := [*_refused_settings(hyperparameters)]:
        raise ValidationException(f"the image's script mode cannot be set so: {'; '.join(faults)}")


def _refused_settings(hyperparameters: Mapping[str, str]) -> Iterator[str]:
    """One sentence for each hyperparameter of the toolkit that would be ignored.

    The toolkit keeps all names with this prefix from the script. Sources: sagemaker-training, `params.py`;
    sagemaker-tensorflow-training, `training.py`; the sagemaker SDK's tuner and compiler configuration.
    """
    for name, value in sorted(hyperparameters.items()):
        if name in REFUSED and _is_set(value):
            yield f"{name}={value} ({REFUSED[name]}): leave it out"
        elif name.startswith(_PREFIX) and name not in HONOURED | WITHOUT_EFFECT | REFUSED.keys():
            known = ", ".join(sorted(HONOURED | WITHOUT_EFFECT | REFUSED.keys()))
            yield f"{name} is no setting of the image, which keeps it from the script: rename it (known: {known})"


def _is_set(value: str) -> bool:
    """Tell whether the toolkit, which reads values as JSON, takes this one as true."""
    try:
        return bool(json.loads(value))
    except ValueError:
        return bool(value)


def _alternative(operation: str) -> str:
    if operation != "CreateTrainingJob":
        return ""
    return (
        "; or give CreateTrainingJob.AlgorithmSpecification.ContainerEntrypoint, such as "
        "['python3', '/opt/ml/input/data/code/train.py']"
    )
