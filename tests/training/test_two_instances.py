"""TensorFlow's own distributed training over two instances of one job: the code of digits-cnn, as a job runs it."""

from __future__ import annotations

from typing import Any

import pytest
from declared_values import received
from digits_lab import ROOT, prepared
from job_lab import SEVERAL_INSTANCES, Lab, await_status, channel

pytestmark = [SEVERAL_INSTANCES, pytest.mark.tensorflow]
SCRIPT = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
os.chdir({str(ROOT)!r})
from training.common import failure
from training.digits_cnn.train import main
failure.run(main)
"""


def test_two_instances_train_one_model(aws: Any) -> None:
    lab = Lab(aws)
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
    request = lab.training(
        SCRIPT,
        HyperParameters=received("digits_cnn", epochs=0.5, batch_size=100, precision="float32"),
        ResourceConfig=resources,
        StoppingCondition={"MaxRuntimeInSeconds": 300},
    )
    for split in ("train", "validation"):
        for path in (prepared() / split).iterdir():
            uri = lab.put(f"prepared/{split}/{path.name}", path.read_bytes())
        request["InputDataConfig"].append(channel(split, uri.rpartition("/")[0] + "/"))
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    job = await_status(  # twice TensorFlow on few cores
        lambda: lab.sagemaker.describe_training_job(TrainingJobName=name), "TrainingJobStatus", (), within=300
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    model = lab.archive(f"models/{name}/output/model.tar.gz")
    assert {"1/saved_model.pb", "code/inference.py"} <= model.keys()
    logs = lab.aws("logs")
    streams = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=name)
    lines = {}
    for stream in (each["logStreamName"] for each in streams["logStreams"]):
        events = logs.get_log_events(logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=stream)["events"]
        lines[stream.partition("/")[2][:6]] = [event["message"] for event in events]
    assert lines.keys() == {"algo-1", "algo-2"}
    assert any("training from step 0 to 11" in line for line in lines["algo-2"])
    writers = [host for host in sorted(lines) if any(line.startswith("metric ") for line in lines[host])]
    assert writers == ["algo-1"]
