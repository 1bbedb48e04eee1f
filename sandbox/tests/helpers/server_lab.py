"""A model server by itself, without an endpoint around it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from own_sandbox import ROOT, free_port
from sandbox.machines.process import spawn
from waiting import PATIENCE

TENSORFLOW_SERVING = "sandbox.machines.model_server.tensorflow_serving"


@dataclass(frozen=True)
class ModelServer:
    """A running one."""

    url: str
    process: psutil.Process

    def invoke(self, body: bytes | str, content_type: str = "application/json", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(f"{self.url}/invocations", content=body, headers={"Content-Type": content_type, **named})

    def ping(self) -> int:
        return httpx.get(f"{self.url}/ping").status_code

    def tensorflow_serving(self) -> psutil.Process:
        (found,) = [child for child in self.process.children() if TENSORFLOW_SERVING in child.cmdline()]
        return found


def start(folder: Path, **environment: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start a model server that ends with this process, and return it with its URL."""
    port = free_port()
    command = [sys.executable, "-m", "sandbox.machines.model_server", "--model-dir", str(folder), "--port", str(port)]
    return spawn(command, os.environ | environment, ROOT, subprocess.PIPE), f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def running(folder: Path, **environment: str) -> Iterator[ModelServer]:
    """Yields once it answers; afterwards no process of it may be left."""
    process, url = start(folder, **environment)
    server = ModelServer(url, psutil.Process(process.pid))
    try:
        await_status(server, 200)
        yield server
    finally:
        children = server.process.children(recursive=True)
        process.terminate()
        process.wait(60)
    _, alive = psutil.wait_procs(children, 60)
    assert not alive, "the model server leaves a process behind"


def await_status(server: ModelServer, status: int, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    found: object = None
    while time.monotonic() < deadline:
        try:
            found = server.ping()
        except httpx.TransportError as error:
            found = error
        if found == status:
            return
        time.sleep(0.05)
    raise AssertionError(f"/ping gives {found!r} after {seconds} s, expected {status}")
