"""Jobs that are killed, interrupted and short of disk: the reasons that AWS gives, and work that goes on."""

from __future__ import annotations

import textwrap
from typing import Any

from fault_lab import Declared
from job_lab import Lab, channel, given
from waiting import until

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
COUNT_ON = textwrap.dedent("""
    import os, pathlib, signal, sys, time
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    checkpoint = base / "checkpoints" / "count"
    count = int(checkpoint.read_text()) if checkpoint.exists() else 0
    print("begins at", count, flush=True)
    def save(*_):
        checkpoint.write_text(str(count))
        sys.exit(0)
    signal.signal(signal.SIGTERM, save if "deaf" not in sys.argv else signal.SIG_IGN)
    waits = count == 0 and "waits" in sys.argv
    for count in range(count, 20):
        if count % 5 == 0:
            checkpoint.write_text(str(count))
        if waits and count == 7:
            print("waits", flush=True)
            time.sleep(600)
    (base / "model" / "weights").write_text("counted to 20")
""")
"""Counts to 20, checkpoints at every fifth number and at SIGTERM; with "waits" the first attempt stays at 7."""
FILL = textwrap.dedent("""
    import os, pathlib, sys, time
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    part = base / os.environ.get("PART", "model")
    part.mkdir(parents=True, exist_ok=True)
    try:
        for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 200):
            (part / str(number)).write_bytes(bytes(2**18))
            time.sleep(0.02)
    except OSError as error:
        sys.exit(f"write refused: {error.strerror}")
""")
"""Writes quarters of a megabyte: 50 megabytes in 4 seconds, if it may."""


def counting(lab: Lab, prefix: str, **members: Any) -> dict[str, Any]:
    """Members of a request for the counting job, with its checkpoints below a prefix."""
    request = lab.training(COUNT_ON)
    request["CheckpointConfig"] = {"S3Uri": lab.uri(prefix), "LocalPath": "/opt/ml/checkpoints"}
    return request | members


def spot(**members: Any) -> dict[str, Any]:
    condition = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    return {"EnableManagedSpotTraining": True, "StoppingCondition": condition} | members


def run(lab: Lab, request: dict[str, Any]) -> dict[str, Any]:
    lab.sagemaker.create_training_job(**request)
    return lab.trained(request["TrainingJobName"])


def struck(lab: Lab, request: dict[str, Any], fault: Declared, kind: str, **members: Any) -> dict[str, Any]:
    """Run a job that a fault strikes once it waits."""
    request["AlgorithmSpecification"].setdefault("ContainerArguments", []).append("waits")
    lab.sagemaker.create_training_job(**request)
    until(lambda: "waits" in lines_of(lab, request["TrainingJobName"]))
    fault(kind, job_name=request["TrainingJobName"], after_seconds=0, times=1, **members)
    return lab.trained(request["TrainingJobName"])


def begun_at(lab: Lab, job: str) -> list[int]:
    """The numbers at which the job's attempts began, in their order."""
    return [int(line.split()[-1]) for line in lines_of(lab, job) if line.startswith("begins at")]


def lines_of(lab: Lab, job: str) -> list[str]:
    """The lines that the attempts of a job have written so far."""
    logs = lab.aws("logs")
    try:
        streams = logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=f"{job}/")["logStreams"]
    except logs.exceptions.ResourceNotFoundException:  # no job of this sandbox has said anything yet
        return []
    names = sorted({stream["logStreamName"] for stream in streams})
    events = [logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=name, startFromHead=True) for name in names]
    return [event["message"] for page in events for event in page["events"]]


def model_of(lab: Lab, job: dict[str, Any]) -> dict[str, bytes]:
    return lab.archive(job["ModelArtifacts"]["S3ModelArtifacts"].partition(f"{lab.bucket}/")[2])


def test_killed_job_fails_and_the_next_one_goes_on_from_its_checkpoint(lab: Lab, fault: Declared) -> None:
    failed = struck(lab, counting(lab, "killed"), fault, "job-killed")
    assert (failed["TrainingJobStatus"], failed["FailureReason"]) == ("Failed", "AlgorithmError: , exit code: 137")
    second = counting(lab, "killed")
    completed = run(lab, second)
    assert completed["TrainingJobStatus"] == "Completed"
    assert begun_at(lab, second["TrainingJobName"]) == [5]
    assert model_of(lab, completed) == {"weights": b"counted to 20"}


def test_killed_processing_job_fails(lab: Lab, fault: Declared) -> None:
    fault("job-killed", after_seconds=0.2, times=1)
    job = lab.process("import time; time.sleep(600)")
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"


def test_fault_that_is_declared_while_the_job_runs_strikes(lab: Lab, fault: Declared) -> None:
    request = lab.training("import time; time.sleep(600)")
    lab.sagemaker.create_training_job(**request)
    lab.await_training(request["TrainingJobName"])
    fault("job-killed", job_name=request["TrainingJobName"], after_seconds=0)
    assert lab.trained(request["TrainingJobName"])["FailureReason"] == "AlgorithmError: , exit code: 137"


def test_interrupted_spot_job_resumes_and_completes(lab: Lab, fault: Declared) -> None:
    request = counting(lab, "interrupted", **spot())
    job = struck(lab, request, fault, "spot-interruption", instance_type="ml.m5.*", grace_seconds=5)
    assert job["TrainingJobStatus"] == "Completed"
    steps = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert steps[steps.index("Interrupted") :] == [
        *("Interrupted", "Starting", "Downloading", "Training", "Uploading", "Completed")
    ]
    assert begun_at(lab, job["TrainingJobName"]) == [0, 7]
    assert model_of(lab, job) == {"weights": b"counted to 20"}
    assert fault.all()[0]["times"] == 0


def test_interrupted_job_that_does_not_end_is_killed_after_the_grace(lab: Lab, fault: Declared) -> None:
    request = counting(lab, "deaf", **spot())
    request["AlgorithmSpecification"]["ContainerArguments"] = ["deaf"]
    job = struck(lab, request, fault, "spot-interruption", grace_seconds=0.2)
    assert job["TrainingJobStatus"] == "Completed"
    assert begun_at(lab, job["TrainingJobName"]) == [0, 5], "only what the job itself saved is there"


def test_on_demand_job_is_not_interrupted(lab: Lab, fault: Declared) -> None:
    fault("spot-interruption", after_seconds=0)
    assert run(lab, counting(lab, "on-demand"))["TrainingJobStatus"] == "Completed"


def test_write_on_a_full_disk_is_refused_to_the_job(lab: Lab, fault: Declared) -> None:
    fault("disk-full", at_megabytes=2, times=1)
    job = lab.train(FILL, Environment={"PART": "scratch"})
    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", "AlgorithmError: , exit code: 1")
    assert lab.log(LOG_GROUP, job["TrainingJobName"])[-1] == "write refused: File too large"
    assert lab.train("")["TrainingJobStatus"] == "Completed", "it struck once"


def test_data_larger_than_the_disk(lab: Lab, fault: Declared) -> None:
    data = lab.put("large/data", bytes(2**20))
    request = lab.training("")
    request["InputDataConfig"].append(channel("large", data))
    fault("disk-full", job_name=request["TrainingJobName"], at_megabytes=1)
    assert run(lab, request)["FailureReason"] == "ClientError: Data download failed:Insufficient disk space"


def test_no_room_for_the_artifacts(lab: Lab, fault: Declared) -> None:
    fault("disk-full", at_megabytes=1)
    write = "import os; open(os.environ['SAGEMAKER_BASE_DIR'] + '/model/weights', 'wb').write(bytes(2**20))"
    assert lab.train(write)["FailureReason"] == "ClientError: Artifact upload failed:Insufficient disk space"


def test_processing_on_a_full_disk(lab: Lab, fault: Declared) -> None:
    data = lab.put("large/data", bytes(2**20))
    request = lab.processing("")
    request["ProcessingInputs"].append(given("large", data, "/opt/ml/processing/input/large"))
    fault("disk-full", at_megabytes=1)
    lab.sagemaker.create_processing_job(**request)
    job = lab.processed(request["ProcessingJobName"])
    assert job["FailureReason"] == "ClientError: Failed to download data. Insufficient disk space"
