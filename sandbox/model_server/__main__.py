"""``python -m sandbox.model_server --model-dir DIR --port N``: serve one unpacked model archive."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import uvicorn

from sandbox.model_server import front
from sandbox.model_server.archive import Archive, BadArchive
from sandbox.model_server.handlers import load_handler
from sandbox.process import spawn, terminate


def main() -> None:
    """Serve until SIGTERM. An archive that the container would refuse is one sentence and exit code 1."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", type=Path, required=True, help="The unpacked model.tar.gz.")
    parser.add_argument("--port", type=int, required=True, help="Where /ping and /invocations answer.")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        serve(arguments.model_dir, arguments.port)
    except BadArchive as error:
        print(error, flush=True)
        raise SystemExit(1) from None


def serve(model_dir: Path, port: int) -> None:
    """Start TensorFlow Serving's part, wait for its model, answer requests. Raises BadArchive."""
    archive = Archive.read(model_dir)
    rest_port = _free_port()
    command = [sys.executable, "-m", "sandbox.model_server.tensorflow_serving"]
    command += ["--model-dir", str(model_dir), "--port", str(rest_port)]
    backend = spawn(command, os.environ, Path.cwd(), sys.stdout.fileno())
    try:
        handler = load_handler(archive)
        _await_model(backend, f"http://127.0.0.1:{rest_port}/v1/models/{archive.model_name}")
        threading.Thread(target=_follow, args=(backend,), daemon=True).start()
        application = front.application(handler, rest_port, archive.model_name)
        uvicorn.run(application, host="127.0.0.1", port=port, log_level="warning", access_log=False)
    finally:
        terminate(backend, 2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await_model(backend: subprocess.Popen, url: str) -> None:
    while backend.poll() is None:
        try:
            if httpx.get(url, timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise BadArchive("TensorFlow cannot load the SavedModel; its own words are above.")


def _follow(backend: subprocess.Popen) -> None:
    """The container ends when TensorFlow Serving does; SageMaker then sees no ping."""
    status = backend.wait()
    print(f"TensorFlow Serving ended with status {status}.", flush=True)
    os._exit(1)


if __name__ == "__main__":
    main()
