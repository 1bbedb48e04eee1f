"""The sandbox's commands, as a person types them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from job_lab import Lab
from own_sandbox import OwnSandbox, free_port
from waiting import until


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[OwnSandbox]:
    """A sandbox that does not run, on a port that another program holds."""
    down = OwnSandbox(tmp_path)
    with socket.create_server(("127.0.0.1", down.port)):
        yield down


def test_port_in_use_is_one_sentence(elsewhere: OwnSandbox) -> None:
    result = elsewhere.command("up")
    assert result.returncode == 1
    assert f"Port {elsewhere.port} is taken by another program (" in result.stderr
    assert f"process {os.getpid()})" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SANDBOX_PORT", "http", "SANDBOX_PORT is 'http', expected a port from 1 to 65535"),
        ("SANDBOX_PORT", "0", "SANDBOX_PORT is '0', expected a port from 1 to 65535"),
        ("SANDBOX_PORT", "65536", "SANDBOX_PORT is '65536', expected a port from 1 to 65535"),
        ("SANDBOX_TIME_SCALE", "fast", "SANDBOX_TIME_SCALE is 'fast', expected a positive number"),
        ("SANDBOX_TIME_SCALE", "0", "SANDBOX_TIME_SCALE is '0', expected a positive number"),
        ("SANDBOX_TIME_SCALE", "inf", "SANDBOX_TIME_SCALE is 'inf', expected a positive number"),
        ("SANDBOX_BOUND_TO", "make", "SANDBOX_BOUND_TO is 'make', expected the number of a process"),
        ("SANDBOX_BOUND_TO", "0", "SANDBOX_BOUND_TO is '0', expected the number of a process"),
        ("SANDBOX_HOME", __file__, f"SANDBOX_HOME is '{__file__}', which is a file"),
    ],
)
def test_refused_settings(elsewhere: OwnSandbox, name: str, value: str, said: str) -> None:
    result = elsewhere.command("up", **{name: value})
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(said)
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_made_is_one_sentence(elsewhere: OwnSandbox) -> None:
    result = elsewhere.command("up", SANDBOX_HOME="/proc/sandbox", SANDBOX_PORT=str(free_port()))
    assert result.returncode == 1
    assert result.stderr.startswith("The folder /proc/sandbox cannot be made")


def test_a_process_that_has_ended_holds_no_sandbox(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    result = OwnSandbox(tmp_path).command("up", SANDBOX_BOUND_TO=str(ended.pid))
    assert result.returncode == 1
    assert result.stderr.startswith(f"SANDBOX_BOUND_TO is {ended.pid}, and no such process runs.")


def test_down_without_a_sandbox(elsewhere: OwnSandbox) -> None:
    assert elsewhere.command("down").stdout == "The sandbox was not running.\n"


def test_status_without_a_sandbox(elsewhere: OwnSandbox) -> None:
    result = elsewhere.command("status", "--json")
    assert (result.returncode, json.loads(result.stdout)["running"]) == (1, False)


def test_logs_without_a_sandbox(elsewhere: OwnSandbox) -> None:
    assert elsewhere.command("logs").returncode == 2


def test_env_keeps_a_real_account_away(elsewhere: OwnSandbox) -> None:
    lines = elsewhere.command("env", AWS_PROFILE="production").stdout
    command = f"{lines}\nenv"
    shell = subprocess.run(
        ["bash", "-c", command],
        env=os.environ | {"AWS_PROFILE": "production"},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = dict(line.split("=", 1) for line in shell.stdout.splitlines() if line.startswith("AWS_"))
    assert "AWS_PROFILE" not in seen
    assert seen["AWS_ENDPOINT_URL"] == elsewhere.url
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == seen["AWS_CONFIG_FILE"] == os.devnull
    assert seen["AWS_ACCESS_KEY_ID"] == "test"


def test_env_leaves_no_other_way_to_aws(elsewhere: OwnSandbox) -> None:
    """Whatever the shell has: another endpoint of one service, a switch that ignores all of them, a proxy's file."""
    foreign = {
        "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/x",
    }
    unset = elsewhere.command("env", **foreign).stdout.splitlines()[0].split()
    assert set(unset) == {"unset", *foreign, "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_SESSION_TOKEN"} | {
        "AWS_WEB_IDENTITY_TOKEN_FILE"
    }


def test_env_puts_the_checkouts_programs_in_front(elsewhere: OwnSandbox) -> None:
    """In a nested shell, too, where another Python came before them."""
    own = str(Path(sys.prefix) / "bin")
    lines = elsewhere.command("env", PATH=f"/usr/bin:{own}:/bin").stdout.splitlines()
    (path,) = [line.partition("=")[2].strip("'").split(":") for line in lines if line.startswith("export PATH=")]
    assert path[0] == own
    assert path[-2:] == ["/usr/bin", "/bin"]
    assert path.count(own) == 1


def test_env_says_that_the_sandbox_is_down_and_who_has_its_port(elsewhere: OwnSandbox, sandbox: OwnSandbox) -> None:
    said = elsewhere.command("env").stderr
    assert f"Port {elsewhere.port} is taken by another program" in said
    assert f"The sandbox in {elsewhere.home} is down: start it with `python -m sandbox up`." in said
    for command in ("env", "up"):
        said = elsewhere.command(command, SANDBOX_PORT=str(sandbox.port)).stderr
        assert f"Port {sandbox.port} is taken by the sandbox in {sandbox.home} (process " in said
    assert sandbox.command("env").stderr == ""


def test_env_has_the_port_of_the_sandbox_that_runs(sandbox: OwnSandbox) -> None:
    assert f"export AWS_ENDPOINT_URL={sandbox.url}" in sandbox.command("env", SANDBOX_PORT=str(free_port())).stdout


def test_running_sandbox_is_found_again(sandbox: OwnSandbox) -> None:
    assert sandbox.run("up").startswith("The sandbox runs already")


def test_a_sandbox_on_another_port_is_named(sandbox: OwnSandbox) -> None:
    result = sandbox.command("up", SANDBOX_PORT=str(free_port()))
    assert result.returncode == 1
    assert f"runs already, on port {sandbox.port}" in result.stderr


def test_status_names_what_runs(aws: Any, sandbox: OwnSandbox) -> None:
    """Kind, name, start and memory of a job, with its child that has another environment."""
    lab = Lab(aws)
    script = "import subprocess, time; subprocess.Popen(['sleep', '120'], env={}); time.sleep(120)"
    job = lab.training(script)
    lab.sagemaker.create_training_job(**job)

    def found() -> list[dict[str, Any]]:
        listed = json.loads(sandbox.run("status", "--json"))["processes"]
        return [work for work in listed if work["name"] == job["TrainingJobName"] and len(work["pids"]) > 1]

    until(found)
    (work,) = found()
    assert work["what"] == "training job"
    assert work["memory_mb"] > 0
    row = next(line for line in sandbox.run("status").splitlines() if job["TrainingJobName"] in line)
    assert re.match(r"training job +\d\d:\d\d:\d\d +\d+ MB  ", row)
    lab.sagemaker.stop_training_job(TrainingJobName=job["TrainingJobName"])


def test_access_without_such_a_role(sandbox: OwnSandbox) -> None:
    assert sandbox.run("access", "--role", "no-such-*") == "The sandbox has no role named no-such-*.\n"
