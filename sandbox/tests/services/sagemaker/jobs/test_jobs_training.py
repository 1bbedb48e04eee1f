"""Training jobs: the container contract, and every way in which one ends."""

from __future__ import annotations

import datetime
import json
import re
import time
from typing import Any

import pytest
from job_lab import TRUST, Lab, channel, unique
from own_sandbox import OwnSandbox
from waiting import until

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
HERE = "import json, os, pathlib, sys, time; base = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"
WAITS = HERE + "print('ready'); time.sleep(600)"
SAVES_WHEN_STOPPED = HERE + (
    "import signal\n"
    "def save(*_):\n"
    "    (base / 'model' / 'weights').write_text('half')\n"
    "    sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, save)\n"
    "time.sleep(600)\n"
)


def statuses(job: dict[str, Any]) -> list[str]:
    return [transition["Status"] for transition in job["SecondaryStatusTransitions"]]


def test_a_completed_job(lab: Lab) -> None:
    job = lab.train(HERE + "(base / 'model' / 'weights').write_text('w'); (base / 'output/data/a.txt').write_text('a')")
    name = job["TrainingJobName"]
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    assert statuses(job) == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(transition["EndTime"] >= transition["StartTime"] for transition in job["SecondaryStatusTransitions"])
    assert job["SecondaryStatusTransitions"][2]["StatusMessage"] == (
        "Training image download completed. Training in progress."
    )
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"]
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] >= 1
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": lab.uri(f"models/{name}/output/model.tar.gz")}
    assert lab.archive(f"models/{name}/output/model.tar.gz") == {"weights": b"w"}
    assert lab.archive(f"models/{name}/output/output.tar.gz") == {"a.txt": b"a"}
    assert "FailureReason" not in job


def test_the_container_sees_what_aws_documents(lab: Lab) -> None:
    lab.put("sets/train/a.txt", "a")
    lab.put("sets/train/deep/b.txt", "b")
    lab.put("sets/training.txt", "not below the prefix's folder")
    script = HERE + (
        "read = lambda name: json.loads((base / 'input/config' / name).read_text())\n"
        "data = base / 'input/data'\n"
        "seen = {'hyperparameters': read('hyperparameters.json'), 'channels': read('inputdataconfig.json'),\n"
        "        'resources': read('resourceconfig.json'), 'arguments': sys.argv[1:],\n"
        "        'environment': dict(os.environ),\n"
        "        'files': sorted(str(p.relative_to(data)) for p in data.rglob('*') if p.is_file()),\n"
        "        'base': str(base), 'python': sys.executable}\n"
        "(base / 'model' / 'seen.json').write_text(json.dumps(seen))"
    )
    request = lab.training(
        script,
        HyperParameters={"epochs": "2", "rate": "0.1"},
        Environment={"DATA": "/opt/ml/input/data/train", "KEEP": "/opt/mlflow"},
    )
    request["InputDataConfig"].append(channel("train", lab.uri("sets/train/")) | {"ContentType": "text/plain"})
    request["AlgorithmSpecification"]["ContainerArguments"] = ["--out=/opt/ml/model", "s3://bucket/opt/ml"]
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    assert lab.trained(name)["TrainingJobStatus"] == "Completed"
    seen = json.loads(lab.archive(f"models/{name}/output/model.tar.gz")["seen.json"])

    assert seen["hyperparameters"] == {"epochs": "2", "rate": "0.1"}
    assert seen["files"] == ["code/main.py", "train/a.txt", "train/deep/b.txt"]
    assert seen["channels"]["train"] == {
        "TrainingInputMode": "File",
        "S3DistributionType": "FullyReplicated",
        "RecordWrapperType": "None",
        "ContentType": "text/plain",
    }
    assert seen["resources"]["current_host"] == "algo-1"
    assert seen["resources"]["current_instance_type"] == "ml.m5.large"
    assert seen["resources"]["hosts"] == ["algo-1"]
    assert seen["arguments"] == [f"--out={seen['base']}/model", "s3://bucket/opt/ml"]
    environment = seen["environment"]
    assert environment["DATA"] == f"{seen['base']}/input/data/train"
    assert environment["KEEP"] == "/opt/mlflow"
    assert environment["TRAINING_JOB_NAME"] == name
    assert environment["TRAINING_JOB_ARN"].endswith(f":training-job/{name}")


def test_the_environment_holds_nothing_of_the_sandbox(lab: Lab, sandbox: OwnSandbox) -> None:
    job = lab.train("import os; print(sorted(os.environ)); print(os.environ['AWS_ENDPOINT_URL'])")
    names, endpoint = lab.log(LOG_GROUP, job["TrainingJobName"])
    assert endpoint == sandbox.url
    assert json.loads(names.replace("'", '"')) == [
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "HOME",
        "LANG",
        "PATH",
        "PYTHONUNBUFFERED",
        "SAGEMAKER_BASE_DIR",
        "TRAINING_JOB_ARN",
        "TRAINING_JOB_NAME",
    ]


def test_the_job_is_its_role(lab: Lab) -> None:
    job = lab.train("import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])")
    assert job["TrainingJobStatus"] == "Completed"
    (arn,) = lab.log(LOG_GROUP, job["TrainingJobName"])
    assert arn.startswith(f"arn:aws:sts::000000000000:assumed-role/{lab.role.rpartition('/')[2]}/")


def test_lines_reach_the_log_while_the_job_runs(lab: Lab) -> None:
    request = lab.training("import time; print('first'); print(); print('ü'); time.sleep(600)")
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    lab.await_training(name)
    until(lambda: lab.log(LOG_GROUP, name) == ["first", " ", "ü"])
    lab.sagemaker.stop_training_job(TrainingJobName=name)


def test_metrics_come_from_the_log(lab: Lab) -> None:
    """The job's description has the last value of each, CloudWatch all of them."""
    request = lab.training(
        "print('metric train:loss=0.5 step=1'); print('metric train:loss=2.5e-1 step=2'); print('loss=x')\n"
        "print('metric train:loss=nan step=3')"
    )
    request["AlgorithmSpecification"]["MetricDefinitions"] = [
        {"Name": "train:loss", "Regex": r"metric train:loss=(\S+)"},
        {"Name": "never", "Regex": r"never=([0-9.]+)"},
    ]
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    job = lab.trained(name)
    (metric,) = job["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("train:loss", 0.25)
    assert job["TrainingStartTime"] <= metric["Timestamp"] <= job["TrainingEndTime"]
    (point,) = lab.aws("cloudwatch").get_metric_statistics(
        Namespace=LOG_GROUP,
        MetricName="train:loss",
        Dimensions=[{"Name": "TrainingJobName", "Value": name}],
        StartTime=job["CreationTime"] - datetime.timedelta(hours=1),
        EndTime=job["TrainingEndTime"] + datetime.timedelta(hours=1),
        Period=86_400,
        Statistics=["Maximum", "Minimum", "SampleCount"],
    )["Datapoints"]
    assert (point["Maximum"], point["Minimum"], point["SampleCount"]) == (0.5, 0.25, 2)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            HERE + "(base / 'output' / 'failure').write_text('no data\\n'); sys.exit(3)",
            "AlgorithmError: no data, exit code: 3",
        ),
        ("raise SystemExit(1)", "AlgorithmError: , exit code: 1"),
        ("import os; os.kill(os.getpid(), 9)", "AlgorithmError: , exit code: 137"),
    ],
)
def test_a_failed_job_says_why(lab: Lab, script: str, reason: str) -> None:
    job = lab.train(script)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == reason


def test_a_long_reason_is_cut(lab: Lab) -> None:
    job = lab.train(HERE + "(base / 'output' / 'failure').write_text('x' * 5000); sys.exit(1)")
    assert len(job["FailureReason"]) <= 1024
    assert job["FailureReason"].startswith("AlgorithmError: xxx")
    assert job["FailureReason"].endswith(", exit code: 1")


def test_a_command_that_does_not_exist(lab: Lab) -> None:
    request = lab.training("")
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = ["no-such-program"]
    lab.sagemaker.create_training_job(**request)
    job = lab.trained(request["TrainingJobName"])
    assert job["FailureReason"] == "AlgorithmError: , exit code: 127"
    assert lab.log(LOG_GROUP, job["TrainingJobName"]) == ["no-such-program: No such file or directory"]


def test_a_stopped_job_keeps_what_it_saved(lab: Lab) -> None:
    request = lab.training(SAVES_WHEN_STOPPED)
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    lab.await_training(name)
    time.sleep(0.5)
    lab.sagemaker.stop_training_job(TrainingJobName=name)
    assert lab.sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "Stopping"
    job = lab.trained(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert statuses(job)[-2:] == ["Stopping", "Stopped"]
    assert lab.archive(f"models/{name}/output/model.tar.gz") == {"weights": b"half"}
    with pytest.raises(lab.sagemaker.exceptions.ClientError) as refusal:
        lab.sagemaker.stop_training_job(TrainingJobName=name)
    assert refusal.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "The request was rejected because the training job is in status Stopped.",
    }


def test_a_job_that_ignores_sigterm_is_killed_after_the_grace(lab: Lab) -> None:
    request = lab.training(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(600)"
    )
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    lab.await_training(name)
    time.sleep(0.5)
    started = time.monotonic()
    lab.sagemaker.stop_training_job(TrainingJobName=name)
    assert lab.trained(name)["SecondaryStatus"] == "Stopped"
    assert time.monotonic() - started >= 5, "the tests' sandbox grants 5 s"


def test_a_job_ends_at_its_time_limit(lab: Lab) -> None:
    job = lab.train(SAVES_WHEN_STOPPED, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert statuses(job)[-2:] == ["Stopping", "MaxRuntimeExceeded"]
    assert lab.archive(f"models/{job['TrainingJobName']}/output/model.tar.gz") == {"weights": b"half"}


def test_checkpoints_travel_while_the_job_runs_and_resume_the_next(lab: Lab) -> None:
    prefix = unique("checkpoints")
    config = {"S3Uri": lab.uri(prefix)}
    script = HERE + (
        "folder = base / 'checkpoints'; print(sorted(p.name for p in folder.iterdir()))\n"
        "(folder / 'one').write_text('1'); time.sleep(3)\n"
        "(folder / 'one').unlink(); (folder / 'two').write_text('2'); time.sleep(600)"
    )
    request = lab.training(script, CheckpointConfig=config)
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    until(lambda: lab.keys(prefix) == [f"{prefix}/one"])
    until(lambda: lab.keys(prefix) == [f"{prefix}/two"])
    assert lab.sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "InProgress"
    lab.sagemaker.stop_training_job(TrainingJobName=name)
    lab.trained(name)

    job = lab.train(
        HERE + "folder = base / 'checkpoints'; print(sorted(p.name for p in folder.iterdir())); "
        "(folder / 'last').write_text('3')",
        CheckpointConfig=config,
    )
    assert lab.log(LOG_GROUP, job["TrainingJobName"]) == ["['two']"]
    assert f"{prefix}/last" in lab.keys(prefix)
    assert job["CheckpointConfig"] == {**config, "LocalPath": "/opt/ml/checkpoints"}


DELETES = HERE + "(base / 'checkpoints' / 'old').unlink(); print('deleted')"


def test_a_checkpoint_that_the_job_deletes_is_deleted_in_s3(lab: Lab) -> None:
    prefix = unique("checkpoints")
    lab.put(f"{prefix}/old", "1")
    lab.put(f"{prefix}/kept", "2")
    job = lab.train(DELETES, CheckpointConfig={"S3Uri": lab.uri(prefix)})
    assert (job["TrainingJobStatus"], lab.keys(prefix)) == ("Completed", [f"{prefix}/kept"])


def test_a_role_that_may_not_delete_checkpoints_fails_the_job(lab: Lab) -> None:
    prefix, role = unique("checkpoints"), lab.make_role(TRUST)
    denial = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
    lab.aws("iam").put_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyName="no-deletion",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [denial]}),
    )
    lab.put(f"{prefix}/old", "1")
    job = lab.train(DELETES, RoleArn=role, CheckpointConfig={"S3Uri": lab.uri(prefix)})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(
        "ClientError: the job deleted a checkpoint file, and SageMaker could not delete it in S3 "
        f"({lab.uri(prefix)}/old). The execution role needs s3:DeleteObject there"
    )
    assert lab.keys(prefix) == [f"{prefix}/old"]


def test_artifacts_are_encrypted_with_the_key(lab: Lab) -> None:
    key = lab.aws("kms").create_key()["KeyMetadata"]["Arn"]
    job = lab.train(
        HERE + "(base / 'model' / 'weights').write_text('w')",
        OutputDataConfig={"S3OutputPath": lab.uri("models"), "KmsKeyId": key},
    )
    assert job["TrainingJobStatus"] == "Completed"
    model = lab.s3.head_object(Bucket=lab.bucket, Key=f"models/{job['TrainingJobName']}/output/model.tar.gz")
    assert (model["ServerSideEncryption"], model["SSEKMSKeyId"]) == ("aws:kms", key)


def test_an_upload_that_fails_fails_the_job(lab: Lab) -> None:
    job = lab.train(
        HERE + "(base / 'model' / 'weights').write_text('w')",
        OutputDataConfig={"S3OutputPath": "s3://no-such-bucket-anywhere/models"},
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert re.match("ClientError: Artifact upload failed:.*NoSuchBucket", job["FailureReason"])


def test_jobs_are_listed_newest_first(lab: Lab) -> None:
    prefix = unique("listed")
    names = [f"{prefix}-{number}" for number in range(3)]
    for name in names:
        lab.sagemaker.create_training_job(**lab.training("") | {"TrainingJobName": name})
    for name in names:
        lab.trained(name)
    pages = lab.sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains=prefix, StatusEquals="Completed", PaginationConfig={"PageSize": 2}
    )
    assert [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]] == names[::-1]
    by_name = lab.sagemaker.list_training_jobs(NameContains=prefix, SortBy="Name", SortOrder="Ascending")
    assert [job["TrainingJobName"] for job in by_name["TrainingJobSummaries"]] == names
    assert lab.sagemaker.list_training_jobs(NameContains=prefix, StatusEquals="Failed")["TrainingJobSummaries"] == []
