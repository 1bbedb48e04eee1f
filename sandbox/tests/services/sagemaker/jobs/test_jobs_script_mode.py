"""Script mode: what AWS's TensorFlow image does with a job that names no entry point."""

from __future__ import annotations

import json
from typing import Any

import pytest
from job_lab import Lab, channel, unique
from tuning_lab import source

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


@pytest.mark.parametrize("place", ["/opt/ml/input/data/code/source.tar.gz", "S3"])
def test_hyperparameters_are_arguments_and_variables(lab: Lab, place: str) -> None:
    given = {"rate": "0.5", "n": "3", "layers": '{"b": 2, "a": 1}', "sagemaker_submit_directory": place}
    job = trained(lab, TELL, given, Environment={"SAGEMAKER_PROGRAM": "train.py"})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    told = json.loads(lab.archive(f"models/{job['TrainingJobName']}/output/model.tar.gz")["told.json"])
    assert told["argv"] == ["--layers", "a=1,b=2", "-n", "3", "--rate", "0.5"]
    environment = told["env"]
    assert json.loads(environment["SM_HPS"]) == {"layers": {"a": 1, "b": 2}, "n": 3, "rate": 0.5}
    assert (environment["SM_HP_RATE"], json.loads(environment["SM_CHANNELS"])) == ("0.5", ["code"])
    assert environment["SM_CHANNEL_CODE"].endswith("/input/data/code")
    assert (json.loads(environment["SM_HOSTS"]), environment["SM_CURRENT_HOST"]) == (["algo-1"], "algo-1")


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
