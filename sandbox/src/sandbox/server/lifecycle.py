"""Start, find, stop and reset a sandbox."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import psutil

from sandbox.server import neighbours
from sandbox.settings import Settings, typed

_SOURCES = Path(__file__).resolve().parents[2]
_KEEPER = _SOURCES / "sandbox" / "machines" / "keeper.py"
START_TIMEOUT = 60.0
STOP_TIMEOUT = 20.0
_LOOK = 0.5  # seconds: the longest that a check holds the lock
WORK = ("jobs", "endpoints", "mlflow")
"""The folders of the sandbox's processes; none of these outlives it."""


class SandboxError(Exception):
    """When the sandbox cannot start or stop; the message says what to do."""


def hold(settings: Settings) -> IO[bytes]:
    """Lock a sandbox's folder while the returned file is open. Raises ``SandboxError``."""
    _make_home(settings)
    lock = settings.lock_file.open("ab")
    deadline = time.monotonic() + _LOOK
    while not _locked(lock, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            lock.close()
            raise SandboxError(
                f"Another sandbox{_server_of(settings)} uses {settings.home}. Stop it with `{typed('down')}`, "
                f"or give this one a folder of its own: SANDBOX_HOME=... SANDBOX_PORT=... {typed('up')}"
            )
        time.sleep(0.01)
    return lock


def _make_home(settings: Settings) -> None:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SandboxError(
            f"The folder {settings.home} cannot be made ({error.strerror}). Choose another one: "
            f"SANDBOX_HOME=... {typed('up')}"
        ) from error


def _locked(lock: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _server_of(settings: Settings) -> str:
    recorded = _recorded(settings)
    return f" (process {recorded['pid']}, port {recorded['port']})" if recorded else ""


def running(settings: Settings) -> psutil.Process | None:
    """The running server process, by its lock: a process id alone may be reused."""
    try:
        with settings.lock_file.open("rb") as lock:
            if _locked(lock, fcntl.LOCK_SH):
                return None
    except FileNotFoundError:
        return None
    recorded = _recorded(settings)
    with contextlib.suppress(psutil.Error):
        return psutil.Process(recorded["pid"]) if recorded else None
    return None


def served(settings: Settings) -> Settings:
    """The settings with the running server's port, which may be another one."""
    return dataclasses.replace(settings, port=_recorded(settings).get("port", settings.port))


def _recorded(settings: Settings) -> dict[str, int]:
    try:
        recorded = json.loads(settings.pid_file.read_text())
        return {"pid": int(recorded["pid"]), "port": int(recorded["port"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def answers(settings: Settings) -> bool:
    """Tell whether the server's port accepts connections."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", settings.port)) == 0


def start(settings: Settings) -> int:
    """Start the server, wait until it answers, return its process id. Raises ``SandboxError``."""
    if answers(settings):
        raise SandboxError(
            f"Port {settings.port} is taken by {neighbours.holder(settings.port)}. Stop it, or choose another port: "
            f"SANDBOX_PORT={settings.port + 1} {typed('up')}"
        )
    if settings.bound_to and not psutil.pid_exists(settings.bound_to):
        raise SandboxError(
            f"SANDBOX_BOUND_TO is {settings.bound_to}, and no such process runs. Name one that the sandbox shall end "
            f"with, or unset the variable to keep the sandbox until `{typed('down')}`."
        )
    _make_home(settings)
    end_leftovers(settings)
    environment = settings.without_foreign_aws() | {
        "SANDBOX_HOME": str(settings.home),
        "SANDBOX_PORT": str(settings.port),
        "PYTHONPATH": str(_SOURCES),
    }
    keeper = [sys.executable, "-I", "-S", str(_KEEPER), str(settings.bound_to)]
    with settings.log.open("ab") as log:
        server = subprocess.Popen(
            [*keeper, sys.executable, "-m", "sandbox.server"],
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
        while not (answers(settings) and running(settings)):
            if server.poll() is not None or time.monotonic() > deadline:
                raise SandboxError(f"The sandbox did not start. The end of {settings.log}:\n{tail(settings.log)}")
            time.sleep(0.05)
    except BaseException:
        server.terminate()
        raise


def stop(settings: Settings) -> bool:
    """Stop the server and all its processes; return whether one ran. Raises ``SandboxError``."""
    server = running(settings)
    if server is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            server.send_signal(signal.SIGTERM)
        _await_end(server)
    end_leftovers(settings)
    settings.pid_file.unlink(missing_ok=True)
    return server is not None


def _await_end(server: psutil.Process) -> None:
    """Wait for the server and its keeper, which ends last. Raises ``SandboxError``."""
    family = [server, *_kept_by(server)]
    _, alive = psutil.wait_procs(family, timeout=STOP_TIMEOUT)
    _kill(alive)


def _kill(processes: list[psutil.Process]) -> None:
    """Kill processes and wait until they are gone. Raises ``SandboxError``."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _, alive = psutil.wait_procs(processes, timeout=5)
    if alive:
        raise SandboxError(f"Processes {[process.pid for process in alive]} of the sandbox do not stop.")


def _kept_by(server: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        parent = server.parent()
        if parent and str(_KEEPER) in parent.cmdline():
            return [parent]
    return []


def leftovers(settings: Settings) -> list[psutil.Process]:
    """Processes of this sandbox's jobs and endpoints, found by their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if belongs(process.environ().get("HOME", ""), settings):
                found.append(process)
    return found


def belongs(folder: str, settings: Settings) -> bool:
    """Tell whether a folder is one of this sandbox's processes' folders."""
    return bool(folder) and any(Path(folder).resolve().is_relative_to(settings.home / name) for name in WORK)


def end_leftovers(settings: Settings) -> None:
    """Kill processes left by a server and keeper that were killed together. Raises ``SandboxError``."""
    _kill(leftovers(settings))


def reset(settings: Settings) -> None:
    """Drop the sandbox's whole state, except its faults and its log. It must be down."""
    with hold(settings):
        end_leftovers(settings)
        shutil.rmtree(settings.state, ignore_errors=True)
        remove_work(settings)


def remove_work(settings: Settings) -> None:
    """Remove the folders of an earlier server's processes; none of them runs any more."""
    for name in WORK:
        shutil.rmtree(settings.home / name, ignore_errors=True)


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a text file."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
