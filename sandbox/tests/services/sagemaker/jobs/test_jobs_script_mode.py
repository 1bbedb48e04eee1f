"""Script mode: what AWS's TensorFlow image does with a job that names no entry point."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import SEVERAL_INSTANCES, Lab, channel, unique
from tuning_lab import TuningLab, source
from wheels import WHEEL, wheel

TELL = """
import json, os, pathlib, sys
told = {name: value for name, value in os.environ.items() if name.startswith("SM_")}
pathlib.Path(os.environ["SM_MODEL_DIR"], "told.json").write_text(json.dumps({"argv": sys.argv[1:], "env": told}))
"""


def trained(lab: Lab, script: str, hyperparameters: dict[str, str], **members: Any) -> dict[str, Any]:
    """A finished job in script mode; hyperparameters may name another place of its code."""
    request = lab.training("", **members)
    uri = lab.put(f"code/{unique('source')}/source.tar.gz", source(script))
    given = {"sagemaker_program": "train.py", "sagemaker_submit_directory": "/opt/ml/input/data/code/source.tar.gz"}
    given |= {name: value.replace("S3", uri) for name, value in hyperparameters.items()}
    del request["AlgorithmSpecification"]["ContainerEntrypoint"]
    lab.sagemaker.create_training_job(**request | {"HyperParameters": given, "InputDataConfig": [channel("code", uri)]})
    return lab.trained(request["TrainingJobName"])


PARAMETER_SERVER = "sagemaker_parameter_server_enabled"
MULTI_WORKER = "sagemaker_multi_worker_mirrored_strategy_enabled"
TWO = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}


def told_by(lab: Lab, job: dict[str, Any], name: str = "told.json") -> dict[str, Any]:
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return json.loads(lab.archive(f"models/{job['TrainingJobName']}/output/model.tar.gz")[name])


@pytest.mark.parametrize("place", ["/opt/ml/input/data/code/source.tar.gz", "S3"])
def test_hyperparameters_are_arguments_and_variables(lab: Lab, place: str) -> None:
    given = {"rate": "0.5", "n": "3", "layers": '{"b": 2, "a": 1}', "sagemaker_submit_directory": place}
    job = trained(lab, TELL, given, Environment={"SAGEMAKER_PROGRAM": "train.py"})
    told = told_by(lab, job)
    assert told["argv"] == ["--layers", "a=1,b=2", "-n", "3", "--rate", "0.5"]
    environment = told["env"]
    assert json.loads(environment["SM_HPS"]) == {"layers": {"a": 1, "b": 2}, "n": 3, "rate": 0.5}
    assert (environment["SM_HP_RATE"], json.loads(environment["SM_CHANNELS"])) == ("0.5", ["code"])
    assert environment["SM_CHANNEL_CODE"].endswith("/input/data/code")
    assert (json.loads(environment["SM_HOSTS"]), environment["SM_CURRENT_HOST"]) == (["algo-1"], "algo-1")


VARIABLES = """
CHANNELS CHANNEL_CODE CURRENT_HOST CURRENT_INSTANCE_GROUP CURRENT_INSTANCE_GROUP_HOSTS CURRENT_INSTANCE_TYPE
DISTRIBUTION_INSTANCE_GROUPS FRAMEWORK_MODULE FRAMEWORK_PARAMS HOSTS HPS HP_LEARNING-RATE INPUT_CONFIG_DIR
INPUT_DATA_CONFIG INPUT_DIR INSTANCE_GROUPS INSTANCE_GROUPS_DICT IS_HETERO LOG_LEVEL MODEL_DIR MODULE_DIR MODULE_NAME
NETWORK_INTERFACE_NAME NUM_CPUS NUM_GPUS NUM_NEURONS OUTPUT_DATA_DIR OUTPUT_DIR OUTPUT_INTERMEDIATE_DIR RESOURCE_CONFIG
TRAINING_ENV USER_ARGS USER_ENTRY_POINT
"""
"""`Environment.to_env_vars` of sagemaker-training, for one channel and one hyperparameter."""


def test_every_variable_of_the_toolkit_is_there(lab: Lab) -> None:
    given = {
        "learning-rate": "0.1",
        "sagemaker_container_log_level": "10",
        "sagemaker_job_name": '"mine"',
        "sagemaker_region": '"us-east-1"',
        "sagemaker_mpi_num_of_processes_per_host": "2",
        "sagemaker_mpi_enabled": "false",
    }
    job = trained(lab, TELL.replace('if name.startswith("SM_")', ""), given)
    environment = told_by(lab, job)["env"]
    assert sorted(name for name in environment if name.startswith("SM_")) == sorted(
        f"SM_{name}" for name in VARIABLES.split()
    )
    assert (environment["SM_LOG_LEVEL"], environment["SM_IS_HETERO"]) == ("10", "false")
    assert json.loads(environment["SM_FRAMEWORK_PARAMS"]) == {
        "sagemaker_mpi_enabled": False,
        "sagemaker_mpi_num_of_processes_per_host": 2,
    }
    assert environment["SM_FRAMEWORK_MODULE"] == "sagemaker_tensorflow_container.training:main"
    assert json.loads(environment["SM_INSTANCE_GROUPS_DICT"])["homogeneousCluster"]["hosts"] == ["algo-1"]
    assert environment["SM_MODULE_DIR"].endswith("/input/data/code/source.tar.gz")
    known = json.loads(environment["SM_TRAINING_ENV"])
    assert (known["job_name"], known["is_master"], known["module_name"]) == (job["TrainingJobName"], True, "train")
    assert known["hyperparameters"] == {"learning-rate": 0.1}
    assert {"CURRENT_HOST": "algo-1", "SAGEMAKER_JOB_NAME": "mine", "SAGEMAKER_REGION": "us-east-1"}.items() <= (
        environment.items()
    )


@SEVERAL_INSTANCES
@pytest.mark.tensorflow
def test_workers_that_mirror_find_each_other(lab: Lab) -> None:
    script = """
import json, os, pathlib
import tensorflow as tf
strategy = tf.distribute.MultiWorkerMirroredStrategy()
@tf.function
def summed():
    return strategy.reduce("sum", strategy.run(lambda: tf.constant(1.0)), axis=None)
told = {"sum": float(summed()), "config": json.loads(os.environ["TF_CONFIG"])}
pathlib.Path(os.environ["SM_MODEL_DIR"], os.environ["SM_CURRENT_HOST"]).write_text(json.dumps(told))
"""
    job = trained(lab, script, {MULTI_WORKER: "true"}, ResourceConfig=TWO)
    first, second = told_by(lab, job, "algo-1"), told_by(lab, job, "algo-2")
    assert (first["sum"], second["sum"]) == (2.0, 2.0)
    assert first["config"]["cluster"] == second["config"]["cluster"]
    assert [address.split(":")[0] for address in first["config"]["cluster"]["worker"]] == ["algo-1", "algo-2"]
    assert [each["config"]["task"] for each in (first, second)] == [
        {"type": "worker", "index": 0},
        {"type": "worker", "index": 1},
    ]


@SEVERAL_INSTANCES
@pytest.mark.tensorflow
def test_parameter_servers_serve_until_the_master_has_ended(lab: Lab) -> None:
    """The worker's script ends at once; its server must still be there for the master's."""
    script = """
import json, os, pathlib, socket, time
config, host = json.loads(os.environ["TF_CONFIG"]), os.environ["SM_CURRENT_HOST"]
def address(text):
    name, _, port = text.rpartition(":")
    return name, int(port)
if config["task"]["type"] == "master":
    with socket.create_server(address(config["cluster"]["master"][0])):
        time.sleep(3)
        for server in config["cluster"]["ps"]:
            for _ in range(300):
                try:
                    socket.create_connection(address(server)).close()
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                raise SystemExit(f"no parameter server at {server}")
else:
    for _ in range(300):
        try:
            socket.create_connection(address(config["cluster"]["master"][0])).close()
            break
        except OSError:
            time.sleep(0.1)
pathlib.Path(os.environ["SM_MODEL_DIR"], host).write_text(json.dumps(config))
"""
    job = trained(lab, script, {PARAMETER_SERVER: "true"}, ResourceConfig=TWO)
    first, second = told_by(lab, job, "algo-1"), told_by(lab, job, "algo-2")
    assert first["cluster"] == second["cluster"]
    assert {name: len(places) for name, places in first["cluster"].items()} == {"master": 1, "ps": 2, "worker": 1}
    assert (first["task"], second["task"]) == ({"type": "master", "index": 0}, {"type": "worker", "index": 0})


FIRST = {"type": "worker", "index": 0}


@pytest.mark.parametrize(("setting", "task"), [(PARAMETER_SERVER, None), (MULTI_WORKER, FIRST)])
def test_one_instance_needs_no_parameter_server(lab: Lab, setting: str, task: dict[str, Any] | None) -> None:
    job = trained(lab, TELL.replace('if name.startswith("SM_")', ""), {setting: "true"})
    environment = told_by(lab, job)["env"]
    assert json.loads(environment.get("TF_CONFIG", "{}")).get("task") == task
    assert json.loads(environment["SM_DISTRIBUTION_INSTANCE_GROUPS"]) == ["homogeneousCluster"]


REFUSED = [
    ({"sagemaker_mpi_enabled": "true"}, "sagemaker_mpi_enabled=true (the sandbox has no MPI): leave it out"),
    ({"sagemaker_distributed_dataparallel_enabled": "true"}, "the sandbox has no SageMaker data parallel library"),
    ({"sagemaker_distribution_instance_groups": '["a"]'}, "the sandbox has no instance groups"),
    ({"sagemaker_torch_distributed_enabled": "true"}, "it is a setting of AWS's PyTorch image"),
    ({"sagemaker_pytorch_ddp_enabled": "True"}, "it is a setting of AWS's PyTorch image"),
    ({"sagemaker_pytorch_xla_multi_worker_enabled": "1"}, "it is a setting of AWS's PyTorch image"),
    ({"sagemaker_training_compiler_enabled": "true"}, "the sandbox has no SageMaker Training Compiler"),
    ({"sagemaker_training_compiler_debug_mode": "true"}, "the sandbox has no SageMaker Training Compiler"),
    ({"sagemaker_s3_output": '"s3://bucket/x"'}, "does not upload /opt/ml/output/intermediate"),
    ({"sagemaker_smile": "true"}, "sagemaker_smile is no setting of the image, which keeps it from the script"),
    (
        {"sagemaker_mpi_enabled": "true", "sagemaker_s3_output": '"s3://bucket/x"'},
        "leave it out; sagemaker_s3_output=",
    ),
]


@pytest.mark.parametrize(("hyperparameters", "said"), REFUSED)
def test_settings_that_would_be_ignored_are_refused(lab: Lab, hyperparameters: dict[str, str], said: str) -> None:
    with pytest.raises(ClientError) as raised:
        trained(lab, "", hyperparameters)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert said in raised.value.response["Error"]["Message"]


def test_settings_of_a_tuning_job_are_refused_when_it_is_created(aws: Any) -> None:
    lab = TuningLab(aws)
    request = lab.tuning()
    request["TrainingJobDefinition"]["StaticHyperParameters"]["sagemaker_mpi_enabled"] = "true"
    with pytest.raises(ClientError, match=r"sagemaker_mpi_enabled=true \(the sandbox has no MPI\)"):
        lab.sagemaker.create_hyper_parameter_tuning_job(**request)


@pytest.mark.parametrize(
    ("script", "hyperparameters", "reason"),
    [
        ("raise SystemExit('no data')", {}, 'ExecuteUserScriptError:\nExitCode 1\nErrorMessage "no data'),
        ("", {"sagemaker_program": "other.py"}, "ExecuteUserScriptError:\nExitCode 2"),
        ("", {"sagemaker_submit_directory": "/opt/ml/input/data/nowhere"}, "framework error: \nTraceback"),
        (
            "import os, pathlib; folder = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR']) / 'output'\n"
            "(folder / 'failure').write_text('my own words'); raise SystemExit(1)",
            {},
            "AlgorithmError: my own words, exit code: 1",
        ),
    ],
)
def test_how_a_script_fails(lab: Lab, script: str, hyperparameters: dict[str, str], reason: str) -> None:
    job = trained(lab, script, hyperparameters)
    assert job["TrainingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


@pytest.mark.parametrize(
    ("model_dir", "told"),
    [
        ({"model_dir": "/opt/ml/model"}, "/model"),
        ({"model_dir": "s3://bucket/models"}, "s3://bucket/models/{name}/model"),
        ({}, "None/{name}/model"),
    ],
)
def test_the_model_dir_of_a_tuning_jobs_training_job(lab: Lab, model_dir: dict[str, str], told: str) -> None:
    script = "import sys; print(sys.argv[sys.argv.index('--model_dir') + 1])"
    job = trained(lab, script, {"_tuning_objective_metric": "loss", **model_dir})
    name = job["TrainingJobName"]
    assert lab.log("/aws/sagemaker/TrainingJobs", name)[-1].endswith(told.format(name=name))


def test_a_script_is_stopped_by_sigterm(lab: Lab) -> None:
    script = """
import pathlib, os, signal, sys, time
def end(*_):
    pathlib.Path(os.environ["SM_MODEL_DIR"], "ended").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(300)
"""
    job = trained(lab, script, {}, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert "ended" in lab.archive(f"models/{job['TrainingJobName']}/output/model.tar.gz")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"requirements.txt": f"./{WHEEL}\n"}, None),
        ({"requirements.txt": "./no-such.whl\n"}, "ExecuteUserScriptError:\nExitCode 1"),
        ({"setup.py": ""}, "the code holds setup.py, which AWS's image would install as a package"),
    ],
)
def test_the_packages_of_the_code(lab: Lab, files: dict[str, str], reason: str | None) -> None:
    request, prefix = lab.training(""), f"code/{unique('packages')}"
    script = "import nothing_else; raise SystemExit(nothing_else.VALUE - 42)"
    for name, content in {"train.py": script, WHEEL: wheel(), **files}.items():
        lab.put(f"{prefix}/{name}", content)
    given = {"sagemaker_program": "train.py", "sagemaker_submit_directory": "/opt/ml/input/data/code"}
    del request["AlgorithmSpecification"]["ContainerEntrypoint"]
    channels = [channel("code", lab.uri(prefix))]
    lab.sagemaker.create_training_job(**request | {"HyperParameters": given, "InputDataConfig": channels})
    job = lab.trained(request["TrainingJobName"])
    if reason is None:
        assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    else:
        assert reason in job["FailureReason"]
