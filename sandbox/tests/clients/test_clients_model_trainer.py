"""The SageMaker SDK's ModelTrainer and HyperparameterTuner, as in AWS's own tests.

Source: aws/deep-learning-containers, test/tensorflow/integration/sagemaker (test_mnist_cpu.py, test_tuning_cpu.py,
test_experiments_cpu.py). Their script trains with TensorFlow; these here say what they were given.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from job_lab import IMAGE, Lab, unique
from sandbox.machines.containers.private_mounts import can_mount_over

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
