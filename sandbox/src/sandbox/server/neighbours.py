"""The program that holds a port: another sandbox, or something else."""

from __future__ import annotations

import contextlib

import psutil


def holder(port: int) -> str:
    """Name the program that listens on a port, as far as it can be known."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return _named(psutil.Process(connection.pid))
    return "another program"


def _named(process: psutil.Process) -> str:
    if "sandbox.server" in process.cmdline():
        return f"the sandbox in {process.environ().get('SANDBOX_HOME')} (process {process.pid})"
    return f"another program ({process.name()}, process {process.pid})"
