"""Ctrl-C in three phases: nothing runs on, a sandbox that ran before goes on, and the next run works.

The tests share one sandbox and go on in their order: each run begins where the interrupted one before it ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from own_sandbox import ROOT, OwnSandbox
from sandboxes import NewSandbox


@pytest.fixture(scope="module")
def sandbox(new_sandbox: NewSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSandbox]:
    """A sandbox for a demo, down at first, and a cloud assembly of its own."""
    home = tmp_path_factory.mktemp("demo")
    path = os.pathsep.join([str(ROOT / ".venv/bin"), str(ROOT / "node_modules/.bin"), os.environ["PATH"]])
    sandbox = new_sandbox(CDK_HOME=str(home / "cdk"), CDK_OUTPUT=str(home / "cdk.out"), PATH=path)
    yield sandbox
    sandbox.down()


def interrupted(sandbox: OwnSandbox, beginning: str, underway: Callable[[OwnSandbox], bool]) -> tuple[int, str]:
    """A demo that gets Ctrl-C in a phase, once something is under way in it: its exit code and its output."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env=sandbox.environment,
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
                deadline = time.monotonic() + 60
                while not underway(sandbox) and time.monotonic() < deadline:
                    time.sleep(0.05)
                demo.send_signal(signal.SIGINT)
                break
        said += demo.stdout.read()
        return demo.wait(300), said
    finally:
        demo.kill()


def processes(sandbox: OwnSandbox) -> list[str]:
    """The command lines of all processes that carry this demo's sandbox in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SANDBOX_HOME") == str(sandbox.home):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def stack_is_made(sandbox: OwnSandbox) -> bool:
    stacks = sandbox.aws("cloudformation").describe_stacks()["Stacks"]
    return any(stack["StackName"].startswith("slipway-") for stack in stacks)


def job_runs(sandbox: OwnSandbox) -> bool:
    jobs = sandbox.aws("sagemaker").list_processing_jobs(StatusEquals="InProgress")
    return bool(jobs["ProcessingJobSummaries"])


def test_1_while_a_sandbox_of_its_own_starts_and_stacks_deploy(sandbox: OwnSandbox) -> None:
    code, said = interrupted(sandbox, "Deploy the stacks ...", stack_is_made)
    assert code == 130, said
    assert "Deploy the stacks stopped" in said
    assert "Traceback" not in said
    assert processes(sandbox) == []


def test_2_while_stacks_deploy_on_a_sandbox_that_ran_before(sandbox: OwnSandbox) -> None:
    sandbox.up()
    code, said = interrupted(sandbox, "Deploy the stacks ...", stack_is_made)
    assert code == 130, said
    assert [command for command in processes(sandbox) if "sandbox.server" not in command] == []
    sandbox.run("status")
    stacks = sandbox.aws("cloudformation").describe_stacks()["Stacks"]
    states = {stack["StackStatus"] for stack in stacks}
    assert not {state for state in states if state.endswith("_IN_PROGRESS")} - {"REVIEW_IN_PROGRESS"}


def test_3_while_a_job_runs_after_a_deploy_that_was_interrupted_before(sandbox: OwnSandbox) -> None:
    code, said = interrupted(sandbox, "Train, evaluate, register ...", job_runs)
    assert code == 130, said
    assert "Stopping the execution and its job" in said
    workflows = sandbox.aws("stepfunctions")
    ended = [
        execution["status"]
        for machine in workflows.list_state_machines()["stateMachines"]
        for execution in workflows.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    ]
    assert ended == ["ABORTED"]
    sagemaker = sandbox.aws("sagemaker")
    jobs = [job["ProcessingJobStatus"] for job in sagemaker.list_processing_jobs()["ProcessingJobSummaries"]]
    jobs += [job["TrainingJobStatus"] for job in sagemaker.list_training_jobs()["TrainingJobSummaries"]]
    assert jobs.count("Stopped") == 1, "the job that ran, preparation or training as the machine's speed has it"
    assert set(jobs) <= {"Stopped", "Completed"}
    assert [command for command in processes(sandbox) if "sandbox.server" not in command] == []
