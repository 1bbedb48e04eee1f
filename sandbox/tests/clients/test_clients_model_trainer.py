"""The SageMaker SDK's ModelTrainer and HyperparameterTuner, as in AWS's own tests.

Source: aws/deep-learning-containers, test/tensorflow/integration/sagemaker (test_mnist_cpu.py, test_tuning_cpu.py,
test_experiments_cpu.py). Their script trains with TensorFlow; these here say what they were given.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import IMAGE, SEVERAL_INSTANCES, Lab, unique
from sandbox.machines.containers.own_packages import programs_for
from sandbox.machines.containers.private_mounts import can_mount_over
from wheels import WHEEL, wheel

pytestmark = pytest.mark.skipif(not can_mount_over("/opt/ml"), reason="this machine permits no mount namespaces")

TRAIN = """
import argparse, json, os, pathlib

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--strategy")
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAINING"])
given, _ = parser.parse_known_args()
for epoch in range(given.epochs):
    print(f"Epoch {epoch + 1} - accuracy: 0.{epoch + 5} [not/markup]")
seen = {"rows": pathlib.Path(given.train, "rows.csv").read_text(), "note": os.environ.get("NOTE"), **vars(given)}
host = os.environ["SM_CURRENT_HOST"]
pathlib.Path(given.model_dir, f"{host}.json").write_text(json.dumps(seen | {"hosts": os.environ["SM_HOSTS"]}))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    (folder / "train.py").write_text(TRAIN)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "rows.csv").write_text("1,2\n")
    return folder


def trainer(
    sdk: Any, lab: Lab, source: Path, instances: int = 1, *, code: dict[str, Any] | None = None, **more: Any
) -> Any:
    """A ModelTrainer; `code` replaces the entry script in SourceCode."""
    from sagemaker.core.training.configs import Compute, SourceCode
    from sagemaker.train import ModelTrainer

    return ModelTrainer(
        training_image=IMAGE,
        role=lab.role,
        base_job_name=unique("trainer"),
        source_code=SourceCode(source_dir=str(source), **(code or {"entry_script": "train.py"})),
        compute=Compute(instance_type="ml.c5.xlarge", instance_count=instances),
        hyperparameters={"epochs": 2, "strategy": "none"},
        **more,
    )


def channels(data: Path | str) -> list[Any]:
    from sagemaker.core.training.configs import InputData

    return [InputData(channel_name="training", data_source=str(data))]


def uploaded(lab: Lab, data: Path) -> str:
    """The data in S3, as AWS's tests have it."""
    return lab.put(f"{unique('data')}/rows.csv", (data / "rows.csv").read_bytes()).rpartition("/")[0]


def artifacts(lab: Lab, job: Any) -> dict[str, Any]:
    bucket, _, key = job.model_artifacts.s3_model_artifacts.removeprefix("s3://").partition("/")
    lab.bucket, former = bucket, lab.bucket
    try:
        return {name: json.loads(content) for name, content in lab.archive(key).items()}
    finally:
        lab.bucket = former


def test_a_script_is_trained_and_its_log_shown(
    sdk: Any, lab: Lab, source: Path, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = trainer(sdk, lab, source, environment={"NOTE": "from /opt/ml"})
    made.train(input_data_config=channels(data), wait=True, logs=True)
    (seen,) = artifacts(lab, made._latest_training_job).values()
    assert seen == {
        "rows": "1,2\n",
        "note": "from /opt/ml",
        "epochs": 2,
        "strategy": "none",
        "model_dir": "/opt/ml/model",
        "train": "/opt/ml/input/data/training",
        "hosts": '["algo-1"]',
    }
    assert "Epoch 2 - accuracy: 0.6 [not/markup]" in caplog.text


@SEVERAL_INSTANCES
def test_every_host_trains(sdk: Any, lab: Lab, source: Path, data: Path) -> None:
    made = trainer(sdk, lab, source, 2)
    made.train(input_data_config=channels(data), wait=False)
    made._latest_training_job.wait(poll=1)
    seen = artifacts(lab, made._latest_training_job)
    assert {name: told["hosts"] for name, told in seen.items()} == {
        "algo-1.json": '["algo-1", "algo-2"]',
        "algo-2.json": '["algo-1", "algo-2"]',
    }


def test_a_command_is_run_in_the_code(sdk: Any, lab: Lab, source: Path, data: Path) -> None:
    made = trainer(sdk, lab, source, code={"command": 'cp train.py "$SM_MODEL_DIR/kept.json"'})
    made.train(wait=False)
    made._latest_training_job.wait(poll=1)
    bucket, _, key = made._latest_training_job.model_artifacts.s3_model_artifacts[len("s3://") :].partition("/")
    assert lab.s3.head_object(Bucket=bucket, Key=key)["ContentLength"]


def test_a_failing_script_gives_its_reason(sdk: Any, lab: Lab, source: Path) -> None:
    from sagemaker.core.utils.exceptions import FailedStatusError

    made = trainer(sdk, lab, source, code={"command": "python3 -c 'raise SystemExit(3)'"})
    made.train(wait=False)
    with pytest.raises(FailedStatusError, match=r"AlgorithmError: Training Execution failed(.|\n)*exit code: 3"):
        made._latest_training_job.wait(poll=1)


def test_hyperparameters_are_tuned_without_a_model_dir(sdk: Any, lab: Lab, source: Path, data: Path) -> None:
    from sagemaker.core.parameter import IntegerParameter
    from sagemaker.train.tuner import HyperparameterTuner

    tuner = HyperparameterTuner(
        model_trainer=trainer(sdk, lab, source),
        objective_metric_name="accuracy",
        hyperparameter_ranges={"epochs": IntegerParameter(1, 2)},
        metric_definitions=[{"Name": "accuracy", "Regex": "accuracy: ([0-9\\.]+)"}],
        max_jobs=2,
        max_parallel_jobs=2,
    )
    tuner.tune(inputs=channels(uploaded(lab, data)), job_name=unique("tune"), wait=False)
    tuner.latest_tuning_job.wait(poll=1)
    assert tuner.latest_tuning_job.hyper_parameter_tuning_job_status == "Completed"
    best = sdk.TrainingJob.get(tuner.best_training_job())
    (seen,) = artifacts(lab, best).values()
    assert (seen["epochs"] in {1, 2}, seen["strategy"], seen["model_dir"]) == (True, "none", "/opt/ml/model")


def test_an_experiment_is_refused_by_name(sdk: Any, lab: Lab) -> None:
    from sagemaker.core.experiments.experiment import Experiment
    from sagemaker.core.helper.session_helper import Session

    with pytest.raises(ClientError, match="CreateExperiment"):
        Experiment.create(experiment_name=unique("experiment"), sagemaker_session=Session())


def test_requirements_are_installed_for_the_job_alone(sdk: Any, lab: Lab, tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(wheel())
    (tmp_path / "requirements.txt").write_text(f"./{WHEEL}\nboto3\n")
    (tmp_path / "train.py").write_text("import boto3, nothing_else; raise SystemExit(nothing_else.VALUE - 42)")
    made = trainer(sdk, lab, tmp_path, code={"entry_script": "train.py", "requirements": "requirements.txt"})
    made.train(wait=False)
    made._latest_training_job.wait(poll=1)
    assert importlib.util.find_spec("nothing_else") is None


def test_an_mpi_launcher_is_refused(sdk: Any, lab: Lab, source: Path) -> None:
    from sagemaker.train.distributed import MPI

    with pytest.raises(ClientError, match=r"distributed=MPI\(...\)\): its launcher starts an SSH server on port 22"):
        trainer(sdk, lab, source, distributed=MPI()).train(wait=False)


@pytest.mark.skipif(shutil.which("torchrun", path=programs_for(IMAGE)) is not None, reason="jobs have PyTorch here")
def test_a_torchrun_launcher_needs_torch(sdk: Any, lab: Lab, source: Path) -> None:
    from sagemaker.train.distributed import Torchrun

    with pytest.raises(ClientError, match=r"distributed=Torchrun\(...\)\) needs torchrun"):
        trainer(sdk, lab, source, distributed=Torchrun()).train(wait=False)


def test_a_framework_processor_runs_its_code(sdk: Any, lab: Lab, tmp_path: Path) -> None:
    """Its shell script unpacks the code in /opt/ml/processing/input/code."""
    from sagemaker.core.processing import FrameworkProcessor
    from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output

    (tmp_path / "main.py").write_text("import sys; open('/opt/ml/processing/output/told', 'w').write(sys.argv[1])")
    made = FrameworkProcessor(IMAGE, lab.role, 1, "ml.m5.large", command=["python3"], base_job_name=unique("processor"))
    place, prefix = "/opt/ml/processing/output", unique("processed")
    told = ProcessingS3Output(s3_uri=lab.uri(prefix), local_path=place, s3_upload_mode="EndOfJob")
    outputs = [ProcessingOutput(output_name="told", s3_output=told)]
    made.run(code="main.py", source_dir=str(tmp_path), outputs=outputs, arguments=["given"], wait=False)
    made.latest_job.wait(poll=1)
    assert lab.get(f"{prefix}/told") == b"given"
