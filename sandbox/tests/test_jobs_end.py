"""The sandbox's own end: no job outlives it, and its folder may have any name."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import boto3
import psutil
import pytest
from job_lab import SEVERAL_INSTANCES, Lab

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
WITH_DESCENDANTS = (
    "import os, subprocess, time; print(os.getpid(), subprocess.Popen(['sleep', '60']).pid); time.sleep(60)"
)


@pytest.fixture
def own_sandbox(tmp_path: pathlib.Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server of the test's own, in a folder whose name has blanks; its URL is in `url`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path / "my sandbox"
    (home / "jobs" / "training-job" / "of-an-earlier-server" / "algo-1").mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"SANDBOX_HOME": str(home), "SANDBOX_PORT": str(port)}
    server = subprocess.Popen([sys.executable, "-m", "sandbox.server"], cwd=ROOT, env=environment)
    server.home = home  # type: ignore[attr-defined]
    server.url = f"http://127.0.0.1:{port}"  # type: ignore[attr-defined]
    try:
        await_port(server, port)
        yield server
    finally:
        server.kill()
        server.wait()
        for link in pathlib.Path("/tmp").glob("sandbox-*"):
            if link.is_symlink() and link.readlink() == home:
                link.unlink()


def await_port(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the server does not answer")


def lab_of(server: Any) -> Lab:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return Lab(lambda name: boto3.client(name, endpoint_url=server.url, region_name="us-east-1", **keys))


def started(lab: Lab) -> list[psutil.Process]:
    """A running job's process and its descendant."""
    request = lab.training(WITH_DESCENDANTS)
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = [
        "sh",
        "-c",
        "cd /opt/ml/input/data/code && exec python3 main.py",
    ]
    lab.sagemaker.create_training_job(**request)
    lab.await_training(request["TrainingJobName"])
    deadline = time.monotonic() + 20
    while not (lines := lab.log(LOG_GROUP, request["TrainingJobName"])):
        assert time.monotonic() < deadline, "the job prints nothing"
        time.sleep(0.05)
    return [psutil.Process(int(pid)) for pid in lines[0].split()]


def gone(process: psutil.Process) -> bool:
    """Whether it ends within three seconds; a zombie has ended, whoever reaps it."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_a_stop_ends_jobs_and_their_descendants(own_sandbox: subprocess.Popen[bytes]) -> None:
    processes = started(lab_of(own_sandbox))
    own_sandbox.send_signal(signal.SIGTERM)
    own_sandbox.wait(15)
    assert all(gone(process) for process in processes)


def test_a_crash_ends_jobs(own_sandbox: Any) -> None:
    job, descendant = started(lab_of(own_sandbox))
    (folder,) = (own_sandbox.home / "jobs" / "training-job").iterdir()
    assert folder.name != "of-an-earlier-server"
    own_sandbox.kill()
    assert gone(job)
    descendant.kill()  # the kernel's promise reaches no further than the job's own process


@SEVERAL_INSTANCES
def test_a_crash_ends_every_instance(own_sandbox: subprocess.Popen[bytes]) -> None:
    """Programs in namespaces of their own die with the sandbox as all others do."""
    lab = lab_of(own_sandbox)
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
    request = lab.training("import time; time.sleep(60)", ResourceConfig=resources)
    lab.sagemaker.create_training_job(**request)
    lab.await_training(request["TrainingJobName"])
    deadline = time.monotonic() + 20
    while len(instances := running(own_sandbox, "main.py")) < 2:
        assert time.monotonic() < deadline, "the instances do not start"
        time.sleep(0.05)
    own_sandbox.kill()
    assert all(gone(instance) for instance in instances)


def running(server: subprocess.Popen[bytes], script: str) -> list[psutil.Process]:
    """The server's descendants that run a script, once the programs that start them have become them."""
    found = []
    for process in psutil.Process(server.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            if words[-1:] and words[-1].endswith(script) and len(words) == 2:
                found.append(process)
    return found
