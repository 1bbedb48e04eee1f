"""The commands against real services: the sandbox's S3, CloudFormation, Step Functions and SageMaker.

The tests go through one environment's life in their order: empty, uploaded, trained, decided, emptied.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sandboxed
from outcome import ROOT, Run
from own_sandbox import OwnSandbox
from sandboxes import NewSandbox
from waiting import WAITER

from specs import load

LOG_DAYS = load(ROOT).environment("local").retention.log_days
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@pytest.fixture(scope="module")
def sandbox(new_sandbox: NewSandbox) -> Iterator[OwnSandbox]:
    with new_sandbox().running() as sandbox:
        yield sandbox


@pytest.fixture
def commands(operations: Run, sandbox: OwnSandbox, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in sandbox.exports.items():
        monkeypatch.setenv(name, value)
    return operations


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for number, name in enumerate(FILES):
        (folder / name).write_bytes(bytes([number]) * (1000 + number))
    return folder


def versions(sandbox: OwnSandbox) -> dict[int, str]:
    listed = sandbox.aws("sagemaker").list_model_packages(ModelPackageGroupName=sandboxed.GROUP)
    return {item["ModelPackageVersion"]: item["ModelApprovalStatus"] for item in listed["ModelPackageSummaryList"]}


def objects(sandbox: OwnSandbox) -> dict[str, Any]:
    (bucket,) = sandbox.aws("s3").list_buckets()["Buckets"]
    return sandbox.aws("s3").list_object_versions(Bucket=bucket["Name"])


@pytest.mark.parametrize(
    ("arguments", "stack"),
    [
        (("upload", "local", "digits-cnn", "FOLDER"), "foundation"),
        (("train", "local", "digits-cnn"), "digits-cnn-training"),
        (("watch", "local", "digits-cnn"), "digits-cnn-training"),
        (("rollback", "local", "digits-cnn"), "digits-cnn-release"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_1_what_is_not_deployed_is_said(commands: Run, folder: Path, arguments: tuple[str, ...], stack: str) -> None:
    failed = commands(*(str(folder) if argument == "FOLDER" else argument for argument in arguments))
    assert (failed.code, failed.out) == (1, "")
    assert f"Stack slipway-local-{stack} is not deployed: run `cdk deploy --all -c environment=local`." in failed.err


def test_1_status_and_empty_of_an_account_in_which_nothing_is(commands: Run) -> None:
    shown = commands("status", "local", "--json")
    document = json.loads(shown.out)
    assert (shown.code, document["stacks"], document["alarms"]) == (0, [], [])
    assert document["models"][0] == {
        "model": "digits-cnn", "training": None, "release": None, "versions": [], "served": None, "meant": None,
        "unscaled": False, "situation": {
            "name": "not deployed", "sentence": "digits-cnn is not deployed in local.",
            "steps": [{"when": "Next", "command": "cdk deploy --all -c environment=local"}],
        },
    }  # fmt: skip
    assert commands("empty", "local", "--confirm", "local").code == 0


def test_2_train_without_data_names_the_files_and_the_command(commands: Run, sandbox: OwnSandbox) -> None:
    sandboxed.deploy(sandbox)
    failed = commands("train", "local", "digits-cnn")
    assert (failed.code, failed.out) == (1, "")
    assert f"lacks {', '.join(FILES)} of data set" in failed.err
    assert "run `python -m operations upload local digits-cnn FOLDER`" in failed.err


def test_2_retention_shows_and_then_sets_the_days(commands: Run, sandbox: OwnSandbox) -> None:
    def days() -> dict[str, int | None]:
        listed = sandbox.aws("logs").describe_log_groups(logGroupNamePrefix="/aws/sagemaker/")["logGroups"]
        return {group["logGroupName"]: group.get("retentionInDays") for group in listed}

    endpoint = "/aws/sagemaker/Endpoints/slipway-local-digits-cnn"
    sandbox.aws("logs").create_log_group(logGroupName=endpoint)
    refused = commands("retention", "local")
    assert refused.code == 2
    assert "does not exist yet" in refused.out
    assert "those of everybody's jobs in the account, too: confirm it with --confirm local" in refused.err
    assert days() == {endpoint: None}
    changed = json.loads(commands("retention", "local", "--confirm", "local", "--json").out)
    assert [group["changed"] for group in changed] == [True, True, True]
    assert days() == {
        "/aws/sagemaker/TrainingJobs": LOG_DAYS,
        "/aws/sagemaker/ProcessingJobs": LOG_DAYS,
        endpoint: LOG_DAYS,
    }
    again = commands("retention", "local")
    assert (again.code, "Nothing is to be changed." in again.out) == (0, True)


def test_2_watch_before_any_training(commands: Run) -> None:
    failed = commands("watch", "local", "digits-cnn")
    assert failed.code == 1
    assert "was never trained here" in failed.err


def test_3_upload_skips_what_is_unchanged(commands: Run, sandbox: OwnSandbox, folder: Path) -> None:
    first = json.loads(commands("upload", "local", "digits-cnn", str(folder), "--json").out)
    assert [item["outcome"] for item in first] == ["uploaded"] * 4
    assert [item["bytes"] for item in first] == [1000, 1001, 1002, 1003]
    (folder / FILES[1]).write_bytes(b"x" * 1001)  # the same size, another content
    second = json.loads(commands("upload", "local", "digits-cnn", str(folder), "--json").out)
    assert [item["outcome"] for item in second] == ["unchanged", "uploaded", "unchanged", "unchanged"]
    assert len(objects(sandbox)["Versions"]) == 5
    shown = commands("upload", "local", "digits-cnn", str(folder))
    assert (shown.code, shown.out.count("unchanged")) == (0, 4)


def test_4_train_prints_the_execution_and_watch_finds_it(commands: Run) -> None:
    started = commands("train", "local", "digits-cnn")
    assert started.code == 0
    arn = started.out.strip()
    assert arn.startswith("arn:aws:states:us-east-1:000000000000:execution:")
    watched = commands("watch", "local", "digits-cnn", "--json")
    document = json.loads(watched.out)
    assert (watched.code, document["execution"], document["status"]) == (0, arn, "SUCCEEDED")
    assert [state["name"] for state in document["states"]] == ["Fails?", "Train", "Register"]


def test_4_a_failed_execution_says_why_and_ends_with_1(commands: Run) -> None:
    failed = commands("train", "local", "digits-cnn", "--set", "epochs=1", "--watch", "--json")
    assert failed.code == 1
    assert json.loads(failed.out)["status"] == "FAILED"
    assert "ended as FAILED: BelowThreshold: accuracy 0.91 is 0.08 below 0.99" in failed.err


def test_4_report_and_compare_find_what_executions_left(commands: Run, sandbox: OwnSandbox, tmp_path: Path) -> None:
    workflow = sandboxed.output(sandbox, "slipway-local-digits-cnn-training", "StateMachineArn")
    listed = sandbox.aws("stepfunctions").list_executions(stateMachineArn=workflow)["executions"]
    failed, succeeded = (item["executionArn"] for item in listed)
    sandboxed.leave(sandbox, succeeded, "report.html", b"<title>seen</title>")
    page = tmp_path / "page.html"
    shown = commands("report", "local", "digits-cnn", "--output", str(page), "--json")
    assert json.loads(shown.out) == {"execution": succeeded, "report": str(page)}
    assert page.read_text() == "<title>seen</title>"
    assert "has no report: it ended as FAILED: BelowThreshold: accuracy 0.91 is 0.08 below 0.99" in shown.err
    for arn, accuracy in ((succeeded, 0.99), (failed, 0.91)):
        content = json.dumps({"metrics": {"accuracy": accuracy}}).encode()
        sandboxed.leave(sandbox, arn, "evaluation.json", content)
    compared = json.loads(commands("compare", "local", "digits-cnn", "--json").out)
    assert (compared["a"], compared["b"], compared["metrics"][0]["b"]) == (succeeded, failed, 0.91)


def test_4_an_execution_that_does_not_exist(commands: Run) -> None:
    arn = "arn:aws:states:us-east-1:000000000000:execution:nope:nope"
    refused = commands("watch", "local", "digits-cnn", "--execution", arn)
    assert (refused.code, refused.out) == (2, "")
    assert f"There is no execution {arn}" in refused.err


def test_5_decisions_are_on_the_newest_version_that_waits(commands: Run, sandbox: OwnSandbox) -> None:
    assert commands("approve", "local", "digits-cnn").code == 1
    arns = [sandboxed.register(sandbox) for _ in range(3)]
    rejected = commands("reject", "local", "digits-cnn", "--reason", "confuses 4 and 9", "--json")
    assert (rejected.code, json.loads(rejected.out)["version"]) == (0, 3)
    approved = commands("approve", "local", "digits-cnn", "1")
    assert "Version 1 of slipway-local-digits-cnn is Approved. Its release starts now" in approved.out
    assert versions(sandbox) == {1: "Approved", 2: "PendingManualApproval", 3: "Rejected"}
    described = sandbox.aws("sagemaker").describe_model_package(ModelPackageName=arns[2])
    assert described["ApprovalDescription"] == "confuses 4 and 9"
    assert "has no version 7; it has 3, 2, 1" in commands("approve", "local", "digits-cnn", "7").err


def test_5_rollback_with_nothing_in_service(commands: Run) -> None:
    failed = commands("rollback", "local", "digits-cnn")
    assert failed.code == 1
    assert "Nothing of slipway-local-digits-cnn is in service" in failed.err


def test_5_invoke_without_an_endpoint(commands: Run, tmp_path: Path) -> None:
    (tmp_path / "digit.json").write_text('{"instances": []}')
    failed = commands("invoke", "local", "digits-cnn", str(tmp_path / "digit.json"))
    assert (failed.code, failed.out) == (1, "")
    assert "slipway-local-digits-cnn does not serve" in failed.err


def test_6_status_shows_all_of_it(commands: Run) -> None:
    shown = commands("status", "local", "digits-cnn")
    assert shown.code == 0
    for part in ("slipway-local-old-model-serving", "orphan: no TOML declares it", "BelowThreshold", "Rejected"):
        assert part in shown.out
    document = json.loads(commands("status", "local", "--json").out)
    assert [version["approval"] for version in document["models"][0]["versions"]] == [
        "Rejected", "PendingManualApproval", "Approved",
    ]  # fmt: skip


def test_7_empty_refuses_while_a_deployed_template_retains(commands: Run, sandbox: OwnSandbox) -> None:
    """The file says destroy already, and that is not deployed yet."""

    def deploy(policy: str) -> None:
        template = copy.deepcopy(sandboxed.STACKS["foundation"])
        template["Resources"]["Data"]["DeletionPolicy"] = policy
        cloudformation, name = sandbox.aws("cloudformation"), "slipway-local-foundation"
        cloudformation.update_stack(StackName=name, TemplateBody=json.dumps(template))
        cloudformation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig=WAITER)

    before = objects(sandbox)["Versions"]
    deploy("RetainExceptOnCreate")
    refused = commands("empty", "local", "--confirm", "local")
    assert refused.code == 2
    assert 'was deployed to slipway-local-foundation with [retention] data = "retain"' in refused.err
    assert "run `cdk deploy --all -c environment=local`" in refused.err
    assert (objects(sandbox)["Versions"], len(versions(sandbox))) == (before, 3)
    deploy("Delete")


def test_7_empty_refuses_while_executions_run_then_stops_them_and_removes_everything(
    commands: Run, sandbox: OwnSandbox
) -> None:
    arn = commands("train", "local", "digits-cnn", "--set", "seed=1").out.strip()
    refused = commands("empty", "local", "--confirm", "local")
    assert refused.code == 2
    assert "1 executions run: wait for them, or give --stop" in refused.err
    emptied = commands("empty", "local", "--confirm", "local", "--stop", "--json")
    document = json.loads(emptied.out)
    assert (emptied.code, sum(document["objects"].values()), document["running"]) == (0, 8, [arn])
    assert len(document["packages"][sandboxed.GROUP]) == 3
    assert versions(sandbox) == {}
    assert not {"Versions", "DeleteMarkers"} & set(objects(sandbox))
    stopped = sandbox.aws("stepfunctions").describe_execution(executionArn=arn)
    assert (stopped["status"], stopped["cause"]) == ("ABORTED", "the environment is being emptied")
    again = json.loads(commands("empty", "local", "--confirm", "local", "--json").out)
    assert (sum(again["objects"].values()), again["packages"][sandboxed.GROUP]) == (0, [])
