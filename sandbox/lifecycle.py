"""Start, find and stop a sandbox's server process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from sandbox.settings import Settings

START_TIMEOUT = 60.0
STOP_TIMEOUT = 20.0


class SandboxError(Exception):
    """When the sandbox cannot be started or stopped; the message says what to do."""


def running(settings: Settings) -> psutil.Process | None:
    """The server process of this sandbox, if it runs."""
    try:
        recorded = json.loads(settings.pid_file.read_text())
        process = psutil.Process(recorded["pid"])
        return process if "sandbox.server" in process.cmdline() else None
    except (OSError, ValueError, KeyError, psutil.Error):
        return None


def answers(settings: Settings) -> bool:
    """Whether the server's port accepts connections."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", settings.port)) == 0


def start(settings: Settings) -> int:
    """Start the server and wait until it answers; returns its process id. Raises ``SandboxError``."""
    if answers(settings):
        raise SandboxError(
            f"Port {settings.port} is taken by another program. Stop it, or choose another one: "
            f"SANDBOX_PORT={settings.port + 1} python -m sandbox up"
        )
    settings.home.mkdir(parents=True, exist_ok=True)
    environment = settings.without_foreign_aws() | {
        "SANDBOX_HOME": str(settings.home),
        "SANDBOX_PORT": str(settings.port),
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }
    with settings.log.open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "sandbox.server"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _await_answer(settings, server)
    return server.pid


def _await_answer(settings: Settings, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    try:
        while not answers(settings):
            if server.poll() is not None or time.monotonic() > deadline:
                raise SandboxError(f"The sandbox did not start. The end of {settings.log}:\n{tail(settings.log)}")
            time.sleep(0.05)
    except BaseException:
        server.kill()
        raise


def stop(settings: Settings) -> bool:
    """Stop the server and everything that it started; returns whether one ran. Raises ``SandboxError``."""
    server = running(settings)
    if server is None:
        return False
    family = [server, *server.children(recursive=True)]
    os.kill(server.pid, signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=STOP_TIMEOUT)
    for process in alive:
        process.kill()
    _, alive = psutil.wait_procs(alive, timeout=5)
    if alive:
        raise SandboxError(f"Processes {[process.pid for process in alive]} do not stop.")
    settings.pid_file.unlink(missing_ok=True)
    return True


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a text file."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
