"""Ctrl-C in three phases: nothing runs on, a sandbox that ran before goes on, and the next run works.

The tests share one sandbox and go on in their order: each run begins where the interrupted one before it ended.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
Variables = dict[str, str]


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Variables]:
    """The environment of a demo with a sandbox, a port and a cloud assembly of its own."""
    home = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {"SANDBOX_HOME": str(home / "sandbox"), "SANDBOX_PORT": str(port), "CDK_OUTPUT": str(home / "cdk.out")}
    path = os.pathsep.join([str(ROOT / ".venv/bin"), str(ROOT / "node_modules/.bin"), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    chosen = {**kept, **own, "PATH": path}
    yield chosen
    sandbox(chosen, "down")


def sandbox(variables: Variables, what: str) -> int:
    command = [sys.executable, "-m", "sandbox", what]
    return subprocess.run(command, cwd=ROOT, env=variables, check=False, capture_output=True).returncode


def interrupted(variables: Variables, beginning: str, seconds: float) -> tuple[int, str]:
    """A demo that gets Ctrl-C some seconds after the line with which a phase begins: its exit code and its output."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert demo.stdout
    said = ""
    try:
        for line in demo.stdout:
            said += line
            if beginning in line:
                time.sleep(seconds)
                demo.send_signal(signal.SIGINT)
                break
        said += demo.stdout.read()
        return demo.wait(60), said
    finally:
        demo.kill()


def processes(variables: Variables) -> list[str]:
    """The command lines of all processes that carry this demo's sandbox in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SANDBOX_HOME") == variables["SANDBOX_HOME"]:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def client(variables: Variables, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{variables['SANDBOX_PORT']}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def test_1_while_a_sandbox_of_its_own_starts_and_stacks_deploy(variables: Variables) -> None:
    code, said = interrupted(variables, "Deploy the stacks ...", 6)
    assert code == 130, said
    assert "Deploy the stacks stopped" in said
    assert "Traceback" not in said
    assert processes(variables) == []


def test_2_while_stacks_deploy_on_a_sandbox_that_ran_before(variables: Variables) -> None:
    assert sandbox(variables, "up") == 0
    code, said = interrupted(variables, "Deploy the stacks ...", 6)
    assert code == 130, said
    assert [command for command in processes(variables) if "sandbox.server" not in command] == []
    assert sandbox(variables, "status") == 0
    stacks = client(variables, "cloudformation").describe_stacks()["Stacks"]
    states = {stack["StackStatus"] for stack in stacks}
    assert not {state for state in states if state.endswith("_IN_PROGRESS")} - {"REVIEW_IN_PROGRESS"}


def test_3_while_a_job_runs_after_a_deploy_that_was_interrupted_before(variables: Variables) -> None:
    code, said = interrupted(variables, "Train, evaluate, register ...", 3)
    assert code == 130, said
    assert "Stopping the execution and its job" in said
    workflows = client(variables, "stepfunctions")
    ended = [
        execution["status"]
        for machine in workflows.list_state_machines()["stateMachines"]
        for execution in workflows.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    ]
    assert ended == ["ABORTED"]
    sagemaker = client(variables, "sagemaker")
    jobs = [job["ProcessingJobStatus"] for job in sagemaker.list_processing_jobs()["ProcessingJobSummaries"]]
    jobs += [job["TrainingJobStatus"] for job in sagemaker.list_training_jobs()["TrainingJobSummaries"]]
    assert jobs.count("Stopped") == 1, "the job that ran, preparation or training as the machine's speed has it"
    assert set(jobs) <= {"Stopped", "Completed"}
    assert [command for command in processes(variables) if "sandbox.server" not in command] == []
