"""The script-mode toolkit of AWS's TensorFlow training image, in the job's own process.

It unpacks the code, passes the hyperparameters as arguments, and writes the failure file if the script did not. It runs
under the job's Python and imports only the standard library (boto3 for code in S3, as the toolkit does).
Sources: sagemaker-training (`environment.py`, `files.py`, `entry_point.py`, `mapping.py`, `trainer.py`),
sagemaker-tensorflow-training (`training.py`). Not here: installing the code as a package, MPI.
"""

from __future__ import annotations

import json
import logging
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import traceback
from typing import Any

BASE = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
CODE = BASE / "code"
TUNING = "_tuning_objective_metric"
DISTRIBUTIONS = ("sagemaker_parameter_server_enabled", "sagemaker_multi_worker_mirrored_strategy_enabled")
FRAMEWORK_MODULE = "sagemaker_tensorflow_container.training:main"
_FOR_THE_TOOLKIT = "sagemaker_"
_READ_BY_THE_TOOLKIT = {
    *(f"{_FOR_THE_TOOLKIT}{name}" for name in ("program", "submit_directory", "region", "job_name", "s3_output")),
    *(f"{_FOR_THE_TOOLKIT}{name}" for name in ("enable_cloudwatch_metrics", "container_log_level")),
    "default_user_module_name",
    TUNING,
}
_IN_TRAINING_ENV_ALONE = {
    "additional_framework_parameters",
    "channel_input_dirs",
    "distribution_hosts",
    "hyperparameters",
    "is_master",
    "is_modelparallel_enabled",
    "is_smddpmprun_installed",
    "is_smddprun_installed",
    "job_name",
    "master_hostname",
    "topology",
}
_DISTRIBUTION = [sys.executable, str(pathlib.Path(__file__).with_name("script_mode_distribution.py"))]
_STOPPED = threading.Event()
_ROOT = re.compile(r"(?<![\w./-])/opt/ml(?![\w.-])")


class ExecuteUserScriptError(Exception):
    """When the script ends with another status than 0."""


WITHIN: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""The filter that keeps members within the folder; Debian 12's Python 3.11.2 lacks it (Python, "tarfile", "Supporting
older Python versions")."""


def main() -> int:
    """Run the script; return the container's exit status."""
    signal.signal(signal.SIGTERM, lambda *_: _STOPPED.set())  # the script gets it as well, and decides
    hyperparameters = {name: _decoded(value) for name, value in _config("hyperparameters").items()}
    try:
        _run(hyperparameters)
    except ExecuteUserScriptError as failure:
        return _fail(str(failure))
    except Exception as error:
        return _fail(f"framework error: \n{traceback.format_exc()}\n{error}")
    return 0


def _run(hyperparameters: dict[str, Any]) -> None:
    settings = {name: value for name, value in hyperparameters.items() if _is_for_the_toolkit(name)}
    own = {name: value for name, value in hyperparameters.items() if name not in settings}
    program = str(os.environ.get("SAGEMAKER_PROGRAM") or settings.get("sagemaker_program"))
    _unpack(str(settings.get("sagemaker_submit_directory")))
    _install_packages(program)
    if TUNING in settings:
        own["model_dir"] = _model_dir(own.get("model_dir"))
    arguments = _arguments(own)
    command = [sys.executable, program, *arguments]
    if not program.endswith(".py"):
        (CODE / program).chmod(0o777)
        command = ["/bin/sh", "-c", f"./{program} {' '.join(arguments)}"]
    facts = _facts(settings, own, program)
    print("Invoking script with the following command:\n\n" + " ".join(command) + "\n", flush=True)
    environment = {**os.environ, **_toolkit_s_own(settings, facts), **_variables(facts, arguments)}
    _execute([*(_DISTRIBUTION if facts["distribution_instance_groups"] else []), *command], environment)


def _is_for_the_toolkit(name: str) -> bool:
    return name.startswith(_FOR_THE_TOOLKIT) or name in _READ_BY_THE_TOOLKIT


def _unpack(place: str) -> None:
    """Fill /opt/ml/code from a folder, a tar.gz, an object of S3 or one file."""
    CODE.mkdir(exist_ok=True)
    source = pathlib.Path(_local(place))
    if place.startswith("s3://"):
        import boto3

        bucket, _, key = place.removeprefix("s3://").partition("/")
        source = BASE / "source.tar.gz"
        boto3.client("s3").download_file(bucket, key, str(source))
    if source.is_dir():
        if source != CODE:
            shutil.copytree(source, CODE, dirs_exist_ok=True)
    elif tarfile.is_tarfile(source):
        with tarfile.open(source, mode="r:gz") as archive:
            archive.extractall(CODE, **WITHIN)
    else:
        shutil.copy2(source, CODE)


def _install_packages(program: str) -> None:
    """Install requirements.txt for this job (own_packages.py); `entry_point.install` of the toolkit."""
    if (CODE / "setup.py").exists() and not program.endswith(".sh"):
        raise RuntimeError(
            "the code holds setup.py, which AWS's image would install as a package; the sandbox does not"
        )
    if program.endswith(".py") and (CODE / "requirements.txt").exists():
        command = [sys.executable, "-m", "pip", "install", "-r", "requirements.txt"]
        _execute(command, dict(os.environ))


def _model_dir(given: str | None) -> str:
    """The model_dir argument: in tuning jobs the image appends the job's name outside /opt/ml.

    Without a model_dir that gives None/JOB/model (`_model_dir_with_training_job` in sagemaker-tensorflow-training
    20.4.1, which the image of TensorFlow 2.21 pins).
    """
    if given and given.startswith("/opt/ml"):
        return given
    return f"{given}/{os.environ['TRAINING_JOB_NAME']}/model"


def _arguments(own: dict[str, Any]) -> list[str]:
    """Format --name value, by name; one-letter names have one hyphen, mappings are a=b,c=d."""
    words = []
    for name in sorted(own):
        value = own[name]
        if isinstance(value, dict):
            value = ",".join(f"{key}={item}" for key, item in sorted(value.items()))
        words += [f"--{name}" if len(name) > 1 else f"-{name}", "" if value is None else _local(str(value))]
    return words


def _variables(facts: dict[str, Any], arguments: list[str]) -> dict[str, str]:
    """The variables for the script ("ENVIRONMENT_VARIABLES.md" of sagemaker-training; `Environment.to_env_vars`)."""
    own, channels = facts["hyperparameters"], facts["channel_input_dirs"]
    shown: dict[str, Any] = {
        **{name: value for name, value in facts.items() if name not in _IN_TRAINING_ENV_ALONE},
        "hps": own,
        "framework_params": facts["additional_framework_parameters"],
        "channels": sorted(channels),
        "training_env": facts,
        "user_args": arguments,
        **{f"channel_{name}": place for name, place in channels.items()},
        **{f"hp_{name}": _local(value) if isinstance(value, str) else value for name, value in own.items()},
    }
    return {f"SM_{name.upper()}": _text(value) for name, value in shown.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))


def _toolkit_s_own(settings: dict[str, Any], facts: dict[str, Any]) -> dict[str, str]:
    """The variables that the toolkits set for themselves, and scripts see."""
    region = str(settings.get("sagemaker_region") or os.environ["AWS_REGION"])
    return {
        "CURRENT_HOST": facts["current_host"],
        "SAGEMAKER_JOB_NAME": str(settings.get("sagemaker_job_name", "")),
        "SAGEMAKER_REGION": region,
        "S3_REGION": region,
        "TF_CPP_MIN_LOG_LEVEL": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(CODE), os.environ.get("PYTHONPATH")])),
    }


def _facts(settings: dict[str, Any], own: dict[str, Any], program: str) -> dict[str, Any]:
    """The properties of the job in the toolkit's `Environment`, by its names.

    `settings` are the hyperparameters for the toolkit itself, `own` those of the script.
    """
    channels, resources = _config("inputdataconfig"), _config("resourceconfig")
    framework = {name: value for name, value in settings.items() if name not in _READ_BY_THE_TOOLKIT}
    groups = {group["instance_group_name"]: group for group in resources["instance_groups"]}
    group, hosts = resources["current_group_name"], resources["hosts"]
    distributed = [group] if any(framework.get(name) for name in DISTRIBUTIONS) else []
    return {
        "additional_framework_parameters": framework,
        "channel_input_dirs": {name: str(BASE / "input" / "data" / name) for name in channels},
        "current_host": resources["current_host"],
        "current_instance_group": group,
        "current_instance_group_hosts": groups[group]["hosts"],
        "current_instance_type": resources["current_instance_type"],
        "distribution_hosts": hosts if distributed else [],
        "distribution_instance_groups": distributed,
        "framework_module": os.environ.get("SAGEMAKER_TRAINING_MODULE", FRAMEWORK_MODULE),
        "hosts": hosts,
        "hyperparameters": own,
        "input_config_dir": str(BASE / "input" / "config"),
        "input_data_config": channels,
        "input_dir": str(BASE / "input"),
        "instance_groups": list(groups),
        "instance_groups_dict": groups,
        "is_hetero": len(groups) > 1,
        "is_master": resources["current_host"] == hosts[0],
        "is_modelparallel_enabled": None,
        "is_smddpmprun_installed": False,
        "is_smddprun_installed": False,
        "job_name": os.environ["TRAINING_JOB_NAME"],
        "log_level": settings.get("sagemaker_container_log_level", logging.INFO),
        "master_hostname": hosts[0],
        "model_dir": str(BASE / "model"),
        "module_dir": _local(str(settings["sagemaker_submit_directory"])),
        "module_name": program.removesuffix(".py"),
        "network_interface_name": resources["network_interface_name"],
        "num_cpus": os.cpu_count(),
        "num_gpus": 0,
        "num_neurons": 0,
        "output_data_dir": str(BASE / "output" / "data"),
        "output_dir": str(BASE / "output"),
        "output_intermediate_dir": str(BASE / "output" / "intermediate"),
        "resource_config": resources,
        "topology": [],
        "user_entry_point": program,
    }


def _execute(command: list[str], environment: dict[str, str]) -> None:
    process = subprocess.Popen(command, cwd=CODE, env=environment, stderr=subprocess.PIPE)
    if _STOPPED.is_set():  # SIGTERM came before the script could receive it
        process.terminate()
    errors: list[str] = []
    reader = threading.Thread(target=_copy, args=(process.stderr, errors))
    reader.start()
    status = process.wait()
    reader.join()
    if status:
        told = f'ErrorMessage "{"".join(errors)}"\nCommand "{" ".join(command)}"'
        raise ExecuteUserScriptError(f"ExecuteUserScriptError:\nExitCode {status}\n{told}")


def _copy(stream: Any, lines: list[str]) -> None:
    for line in stream:
        lines.append(line.decode(errors="replace"))
        sys.stderr.write(lines[-1])
        sys.stderr.flush()


def _fail(message: str) -> int:
    print(message, flush=True)
    place = BASE / "output" / "failure"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(message)
    return 1


def _config(name: str) -> dict[str, Any]:
    return json.loads((BASE / "input" / "config" / f"{name}.json").read_text())


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _local(text: str) -> str:
    """Replace /opt/ml by the job's own folder."""
    return _ROOT.sub(lambda _: str(BASE), text)


if __name__ == "__main__":
    sys.exit(main())
