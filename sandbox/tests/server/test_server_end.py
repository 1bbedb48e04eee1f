"""The sandbox's own end: no job outlives it, and its folder may have any name."""

from __future__ import annotations

import contextlib
import pathlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from job_lab import SEVERAL_INSTANCES, Lab
from own_sandbox import ROOT, OwnSandbox
from sandboxes import NewSandbox
from waiting import until

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
WITH_DESCENDANTS = (
    "import os, subprocess, time; print(os.getpid(), subprocess.Popen(['sleep', '300']).pid); time.sleep(300)"
)


@dataclass(frozen=True)
class Server:
    """A server without a keeper, in a folder with blanks in its name."""

    sandbox: OwnSandbox
    process: subprocess.Popen[bytes]


@pytest.fixture
def server(new_sandbox: NewSandbox) -> Iterator[Server]:
    sandbox = new_sandbox("my sandbox")
    (sandbox.home / "jobs" / "training-job" / "of-an-earlier-server" / "algo-1").mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-m", "sandbox.server"], cwd=ROOT, env=sandbox.environment)
    try:
        until(lambda: process.poll() is not None or answers(sandbox.port))
        assert process.poll() is None, "the server ended"
        yield Server(sandbox, process)
    finally:
        process.kill()
        process.wait()
        for link in pathlib.Path("/tmp").glob("sandbox-*"):
            if link.is_symlink() and link.readlink() == sandbox.home:
                link.unlink()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


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
    lines = until(lambda: lab.log(LOG_GROUP, request["TrainingJobName"]))
    return [psutil.Process(int(pid)) for pid in lines[0].split()]


def await_end(processes: list[psutil.Process]) -> None:
    """Wait until they have ended; a zombie has, whoever reaps it."""
    until(lambda: all(not each.is_running() or each.status() == psutil.STATUS_ZOMBIE for each in processes))


def test_a_stop_ends_jobs_and_their_descendants(server: Server) -> None:
    processes = started(Lab(server.sandbox.aws))
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(60)
    await_end(processes)


def test_a_crash_ends_jobs(server: Server) -> None:
    job, descendant = started(Lab(server.sandbox.aws))
    (folder,) = (server.sandbox.home / "jobs" / "training-job").iterdir()
    assert folder.name != "of-an-earlier-server"
    server.process.kill()
    await_end([job])
    descendant.kill()  # the kernel's promise reaches no further than the job's own process


@SEVERAL_INSTANCES
def test_a_crash_ends_every_instance(server: Server) -> None:
    """Programs in namespaces of their own die with the sandbox as all others do."""
    lab = Lab(server.sandbox.aws)
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
    request = lab.training("import time; time.sleep(300)", ResourceConfig=resources)
    lab.sagemaker.create_training_job(**request)
    lab.await_training(request["TrainingJobName"])
    instances = until(lambda: found if len(found := running(server.process, "main.py")) == 2 else None)
    assert instances
    server.process.kill()
    await_end(instances)


def running(server: subprocess.Popen[bytes], script: str) -> list[psutil.Process]:
    """The server's descendants that run a script, once their starters have become them."""
    found = []
    for process in psutil.Process(server.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            if words[-1:] and words[-1].endswith(script) and len(words) == 2:
                found.append(process)
    return found
