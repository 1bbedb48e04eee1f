"""The model that the training tests train, behind TensorFlow Serving's REST API on 127.0.0.1."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "training"))

from digits_lab import ROOT, trained


@pytest.fixture(scope="session")
def rest_uri() -> Iterator[str]:
    """The predict URL of a process that has loaded the SavedModel, as the container's context names it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sandbox.model_server.tensorflow_serving"]
    command += ["--model-dir", str(trained() / "model"), "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        model = f"http://127.0.0.1:{port}/v1/models/model"
        _await(process, model)
        yield f"{model}:predict"
    finally:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen, url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url, timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError("the model server did not come up")
