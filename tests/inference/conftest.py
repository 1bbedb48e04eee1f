"""The models that the training tests train, behind TensorFlow Serving's REST API on 127.0.0.1."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import digits_lab
import pytest
import requests


@pytest.fixture(scope="session")
def rest_uri() -> Iterator[str]:
    """The predict URL of digits-cnn, as the container's context names it."""
    with serving(digits_lab.trained() / "model") as uri:
        yield uri


@pytest.fixture(scope="session")
def reviews_uri() -> Iterator[str]:
    """The predict URL of reviews-lstm."""
    import reviews_lab  # imports TensorFlow when it trains

    with serving(reviews_lab.trained() / "model") as uri:
        yield uri


@contextmanager
def serving(archive: Path) -> Iterator[str]:
    """A process that has loaded the archive's SavedModel."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "sandbox.machines.model_server.tensorflow_serving",
            "--socket",
            str(listener.fileno()),
        ]
        process = subprocess.Popen(
            [*command, f"model={archive}"],
            cwd=digits_lab.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
        )
    try:
        model = f"http://127.0.0.1:{port}/v1/models/model"
        _await(process, model)
        yield f"{model}:predict"
    finally:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen, url: str) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url, timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError("the model server did not come up")
