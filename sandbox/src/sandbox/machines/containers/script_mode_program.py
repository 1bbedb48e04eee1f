"""The script-mode toolkit of AWS's TensorFlow training image, in the job's own process.

It unpacks the code, passes the hyperparameters as arguments, and writes the failure file if the script did not. It runs
under the job's Python and imports only the standard library (boto3 for code in S3, as the toolkit does).
Sources: sagemaker-training (`environment.py`, `files.py`, `entry_point.py`, `mapping.py`, `trainer.py`),
sagemaker-tensorflow-training (`training.py`). Not here: installing packages, MPI, parameter servers.
"""

from __future__ import annotations

import json
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
_OURS = "sagemaker_"
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
    program = str(os.environ.get("SAGEMAKER_PROGRAM") or hyperparameters.get("sagemaker_program"))
    _unpack(str(hyperparameters.get("sagemaker_submit_directory")))
    _refuse_packages()
    own = {name: value for name, value in hyperparameters.items() if not name.startswith(_OURS) and name != TUNING}
    if TUNING in hyperparameters:
        own["model_dir"] = _model_dir(hyperparameters.get("model_dir"))
    arguments = _arguments(own)
    command = [sys.executable, program, *arguments]
    if not program.endswith(".py"):
        (CODE / program).chmod(0o777)
        command = ["/bin/sh", "-c", f"./{program} {' '.join(arguments)}"]
    print("Invoking script with the following command:\n\n" + " ".join(command) + "\n", flush=True)
    _execute(command, _environment(own, program, arguments))


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


def _refuse_packages() -> None:
    for name in ("setup.py", "requirements.txt"):
        if (CODE / name).exists():
            raise RuntimeError(f"the code holds {name}, which AWS's image would install; the sandbox installs nothing")


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


def _environment(own: dict[str, Any], program: str, arguments: list[str]) -> dict[str, str]:
    channels, resources = _config("inputdataconfig"), _config("resourceconfig")
    facts: dict[str, Any] = {
        "MODEL_DIR": str(BASE / "model"),
        "OUTPUT_DIR": str(BASE / "output"),
        "OUTPUT_DATA_DIR": str(BASE / "output" / "data"),
        "INPUT_DIR": str(BASE / "input"),
        "INPUT_CONFIG_DIR": str(BASE / "input" / "config"),
        "CHANNELS": sorted(channels),
        "HPS": own,
        "HOSTS": resources["hosts"],
        "CURRENT_HOST": resources["current_host"],
        "CURRENT_INSTANCE_TYPE": resources["current_instance_type"],
        "RESOURCE_CONFIG": resources,
        "INPUT_DATA_CONFIG": channels,
        "NETWORK_INTERFACE_NAME": resources["network_interface_name"],
        "NUM_CPUS": os.cpu_count(),
        "NUM_GPUS": 0,
        "MODULE_DIR": str(CODE),
        "MODULE_NAME": program.removesuffix(".py"),
        "USER_ENTRY_POINT": program,
        "USER_ARGS": arguments,
        **{f"CHANNEL_{name.upper()}": str(BASE / "input" / "data" / name) for name in channels},
        **{f"HP_{name.upper()}": _local(value) if isinstance(value, str) else value for name, value in own.items()},
    }
    told = {f"SM_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in facts.items()}
    return {
        **os.environ,
        **told,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(CODE), os.environ.get("PYTHONPATH")])),
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
