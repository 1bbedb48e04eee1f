"""No process of a sandbox outlives it, whoever dies first: the server, its keeper, or both; a job, or its children."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import psutil
import pytest
from job_lab import Lab
from own_sandbox import OwnSandbox
from sandboxes import NewSandbox
from waiting import until

BROOD = """
import os, pathlib, subprocess, sys, time
found = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "brood")
child = subprocess.Popen(["sleep", "300"])
daemon = subprocess.Popen(
    ["sh", "-c", "setsid sleep 301 & echo $!"], stdout=subprocess.PIPE, start_new_session=True, env={}, text=True
)
bare = int(daemon.stdout.readline())
daemon.wait()
found.with_suffix(".tmp").write_text(f"{os.getpid()} {child.pid} {bare}")
found.with_suffix(".tmp").rename(found)
"""
"""A job with a child in its group and a daemon that has left its session and its environment behind."""
WAITING = BROOD + "time.sleep(300)\n"


@pytest.fixture(scope="module")
def kept(new_sandbox: NewSandbox) -> Iterator[OwnSandbox]:
    sandbox = new_sandbox(SANDBOX_STOP_GRACE_SECONDS="5")
    yield sandbox
    sandbox.down()


@pytest.fixture
def own(kept: OwnSandbox) -> OwnSandbox:
    """It runs, whatever the test before did to it."""
    kept.up()
    return kept


def brood(own: OwnSandbox, script: str) -> list[psutil.Process]:
    """The processes of a job: its leader, a child, a daemon."""
    lab = Lab(own.aws)
    request = lab.training(script)
    lab.sagemaker.create_training_job(**request)
    folder = own.home / "jobs" / "training-job" / request["TrainingJobName"]
    pids = until(lambda: next((path.read_text() for path in folder.rglob("brood")), None))
    return [psutil.Process(int(pid)) for pid in pids.split() if psutil.pid_exists(int(pid))]


def gone(processes: list[psutil.Process]) -> bool:
    return all(not each.is_running() or each.status() == psutil.STATUS_ZOMBIE for each in processes)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_the_server(own: OwnSandbox, number: signal.Signals) -> None:
    processes = brood(own, WAITING)
    assert len(processes) == 3
    keeper = own.server.parent()
    assert keeper is not None
    own.server.send_signal(number)
    until(lambda: gone([*processes, keeper]))


def test_nothing_outlives_the_keeper(own: OwnSandbox) -> None:
    processes, server = brood(own, WAITING), own.server
    keeper = server.parent()
    assert keeper is not None
    keeper.kill()
    until(lambda: gone([*processes, server]))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_the_process_that_a_sandbox_is_bound_to(
    new_sandbox: NewSandbox, number: signal.Signals
) -> None:
    """As a test run is killed: it cannot stop its sandboxes any more."""
    holder = psutil.Popen(["sleep", "300"])
    bound = new_sandbox(SANDBOX_BOUND_TO=str(holder.pid))
    bound.up()
    processes, server = brood(bound, WAITING), bound.server
    keeper = server.parent()
    assert keeper is not None
    holder.send_signal(number)
    holder.wait()
    until(lambda: gone([*processes, server, keeper]))


def test_up_ends_what_a_kill_of_both_left_behind(own: OwnSandbox) -> None:
    processes, server = brood(own, WAITING), own.server
    keeper = server.parent()
    keeper.suspend()
    server.kill()
    keeper.kill()
    until(lambda: gone([server, keeper, processes[0]]))
    own.up()
    assert gone(processes[:2])
    processes[2].kill()  # a daemon without a trace of its origin after two SIGKILLs: the sandbox cannot find it


def test_what_a_job_put_into_the_background_ends_with_it(own: OwnSandbox) -> None:
    """As with a container: the daemon of a job that has ended is ended."""
    processes = brood(own, BROOD + "time.sleep(1)\n")
    until(lambda: gone(processes))
    assert own.server.is_running()


def test_the_commands_shell_is_not_taken_for_a_leftover(own: OwnSandbox) -> None:
    """Its environment names the sandbox's folder too."""
    bystander = psutil.Popen(["sleep", "60"], env=own.environment | {"PATH": os.defpath})
    try:
        own.down()
        assert bystander.is_running()
    finally:
        bystander.kill()
        bystander.wait()
