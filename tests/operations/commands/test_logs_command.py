"""`operations logs` on the sandbox's CloudWatch Logs, with the streams that jobs would have written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
import sandboxed
import typer
from outcome import ROOT, Outcome, Run
from own_sandbox import OwnSandbox
from sandboxes import NewSandbox
from waiting import until

from operations.cli import app
from operations.workflows.jobs import digest
from operations.workflows.step_logs import Step
from specs import hints, load, names
from specs.resolved import resolve

TRAINING, PROCESSING = "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs"
ENDPOINT = names.endpoint_logs("slipway-local-digits-cnn")


@pytest.fixture(scope="module")
def sandbox(new_sandbox: NewSandbox) -> Iterator[OwnSandbox]:
    with new_sandbox().running() as sandbox:
        sandboxed.deploy(sandbox)
        yield sandbox


@pytest.fixture
def logs(operations: Run, sandbox: OwnSandbox, monkeypatch: pytest.MonkeyPatch):
    """A function that runs `logs local digits-cnn ...`."""
    for name, value in sandbox.exports.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Outcome:
        return operations("logs", "local", "digits-cnn", *arguments)

    return run


def start(sandbox: OwnSandbox, given: dict[str, dict[str, str]]) -> str:
    """Start the training workflow, and return the execution's ARN."""
    machine = sandboxed.output(sandbox, "slipway-local-digits-cnn-training", "StateMachineArn")
    client = sandbox.aws("stepfunctions")
    return client.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]


def own(arn: str) -> str:
    """The start of the names of an execution's jobs."""
    return f"{names.job_prefix('local', 'digits-cnn')}{digest(arn)[: names.JOB_DIGITS]}-"


def write(sandbox: OwnSandbox, group: str, stream: str, *lines: str) -> None:
    client = sandbox.aws("logs")
    if not client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        client.create_log_group(logGroupName=group)
    if not client.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]:
        client.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    events = [{"timestamp": now + number, "message": line} for number, line in enumerate(lines)]
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    time.sleep(0.05 + len(lines) / 1000)  # later lines have later times


def test_1_without_a_training(logs: Run) -> None:
    nothing = logs("train")
    assert (nothing.code, nothing.out) == (1, "")
    assert "digits-cnn was never trained here: run `python -m operations train local digits-cnn`." in nothing.err


def test_1_without_a_release_and_without_an_endpoint(logs: Run) -> None:
    assert "No version of digits-cnn was released here: run `python -m operations approve" in logs("release").err
    assert "The endpoint slipway-local-digits-cnn has written no log" in logs("endpoint").err


def test_2_the_last_training_of_two(logs: Run, sandbox: OwnSandbox) -> None:
    before = start(sandbox, {"hyperparameters": {"epochs": "1"}})
    write(sandbox, TRAINING, f"{own(before)}train-0-0/algo-1-1", "of the training before")
    arn = start(sandbox, {"hyperparameters": {"epochs": "1"}})
    until(lambda: sandbox.aws("stepfunctions").describe_execution(executionArn=arn)["status"] == "FAILED")
    none = logs("train")
    assert (none.code, none.out) == (1, "")
    assert "has no log of train; it ended as FAILED: BelowThreshold: accuracy 0.91 is 0.08 below 0.99" in none.err
    write(sandbox, PROCESSING, f"{own(arn)}prepare-0/algo-1-2", "prepared")
    write(sandbox, TRAINING, f"{own(arn)}train-0-0/algo-1-3", *(f"line {number}" for number in range(300)))
    write(sandbox, TRAINING, f"{own(arn)}train-0-0/algo-1-3", " ", "Größe \x1b[1mfett\x1b[0m [red]€[/red]\r")
    shown = logs("train", "--lines", "4")
    assert shown.out == "line 298\nline 299\n\nGröße fett [red]€[/red]\n"
    last = json.loads(logs("train", "--json").out.splitlines()[-1])
    assert (last["from"], last["text"]) == ("train/algo-1", "Größe \x1b[1mfett\x1b[0m [red]€[/red]\r")
    assert len(logs("train").out.splitlines()) == 100
    assert logs("prepare").out == "prepared\n"
    missing = logs("evaluate")
    assert missing.code == 1
    assert missing.err.endswith("There is a log of: prepare, train\n")


def test_3_steps_hosts_and_trials_have_names_where_there_are_more_than_one(logs: Run, sandbox: OwnSandbox) -> None:
    arn = start(sandbox, {"hyperparameters": {"epochs": "1"}})
    tuning = f"{names.tuning_prefix('local', 'digits-cnn')}{digest(arn)[: names.JOB_DIGITS]}-0"
    write(sandbox, TRAINING, f"{tuning}-001-0123abcd/algo-1-1", "first trial")
    write(sandbox, TRAINING, f"{tuning}-002-0123abcd/algo-1-1", "second trial")
    write(sandbox, TRAINING, f"{own(arn)}train-1-0/algo-1-1", "chief")
    write(sandbox, TRAINING, f"{own(arn)}train-1-0/algo-2-1", "other")
    assert logs("tune").out == "tune-001/algo-1  first trial\ntune-002/algo-1  second trial\n"
    assert logs("train").out == "train/algo-1  chief\ntrain/algo-2  other\n"
    assert logs().out == (
        "tune-001/algo-1  first trial\ntune-002/algo-1  second trial\ntrain/algo-1  chief\ntrain/algo-2  other\n"
    )


def test_4_follow_goes_on_to_the_end_of_the_execution(logs: Run, sandbox: OwnSandbox) -> None:
    arn = start(sandbox, {"hyperparameters": {"seed": "1"}})
    write(sandbox, TRAINING, f"{own(arn)}train-0-0/algo-1-1", "at first")

    def go_on() -> None:
        time.sleep(3)
        write(sandbox, TRAINING, f"{own(arn)}train-0-0/algo-1-1", "later")
        write(sandbox, PROCESSING, f"{own(arn)}evaluate-0/algo-1-1", "evaluated")
        sandbox.aws("stepfunctions").stop_execution(executionArn=arn)

    writer = threading.Thread(target=go_on)
    writer.start()
    shown = logs("--follow")
    writer.join()
    assert (shown.code, shown.out) == (0, "at first\ntrain/algo-1  later\nevaluate/algo-1  evaluated\n")


def test_4_follow_of_a_step_ends_with_its_job(logs: Run, sandbox: OwnSandbox) -> None:
    arn = start(sandbox, {"hyperparameters": {"seed": "1"}})
    write(sandbox, TRAINING, f"{own(arn)}train-0-0/algo-1-1", "all of it")
    assert logs("train", "--follow").out == "all of it\n"  # no such job runs, the execution does
    sandbox.aws("stepfunctions").stop_execution(executionArn=arn)


def test_5_an_endpoint_and_its_instances(logs: Run, sandbox: OwnSandbox) -> None:
    write(sandbox, ENDPOINT, "AllTraffic/i-1", "first instance")
    write(sandbox, ENDPOINT, "AllTraffic/i-2", "second instance")
    assert logs("endpoint").out == "AllTraffic/i-1  first instance\nAllTraffic/i-2  second instance\n"


def test_6_a_workflow_s_events_with_their_errors(logs: Run, sandbox: OwnSandbox) -> None:
    arn = start(sandbox, {"hyperparameters": {"epochs": "1"}})
    group, details = (
        names.workflow_logs("slipway-local-digits-cnn-training"),
        {"error": "BelowThreshold", "cause": "so"},
    )
    for other in (arn, f"{arn}-not"):
        entry = {"type": "ExecutionFailed", "execution_arn": other, "details": details}
        write(sandbox, group, "states/Machine/2026/1", json.dumps(entry | ({"type": "x"} if other != arn else {})))
    assert "ExecutionFailed  BelowThreshold: so\n" in logs("workflow").out


def test_a_pipe_that_closes_ends_it(sandbox: OwnSandbox) -> None:
    command = f"{sys.executable} -m operations logs local digits-cnn workflow | head -n 0"
    environment = sandbox.environment | sandbox.exports
    ended = subprocess.run(command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("step", [*Step, None])
def test_the_command_in_a_failure_is_one_of_this_command_line(step: Step | None) -> None:
    specs = load(ROOT)
    resolved = resolve(specs.models[0], specs.environments[0])
    named = hints.logs(*resolved.place, step)
    python, flag, package, *arguments = named.split()
    assert (python, flag, package) == ("python", "-m", "operations")
    cli = typer.main.get_command(app)
    name, command, rest = cli.resolve_command(cli.make_context("operations", list(arguments)), list(arguments))
    parsed = command.make_context(name, rest, resilient_parsing=False).params
    assert (parsed["step"], parsed["model_name"]) == (step, resolved.model.name)


def test_every_log_that_a_template_names_is_one() -> None:
    """Of the snapshots: what people read in a cause, a notice, or an alarm."""
    found = set()
    for file in (ROOT / "tests/stacks/__snapshots__/test_snapshots").glob("*.txt"):
        text = " ".join(file.read_text().replace("\\n", " ").split())
        found |= set(re.findall(r"python -m operations logs prod digits-cnn ?([a-z]*)", text))
    assert found - set(Step) <= {""}
    assert {"prepare", "tune", "train", "evaluate", "release", "endpoint"} <= found
