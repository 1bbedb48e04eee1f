"""The TensorFlow Serving process beside the handlers, which ends with this process."""

from __future__ import annotations

import logging
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import urllib.request

from sandbox.machines.model_server.archive import SavedModels
from sandbox.machines.model_server.settings import Settings, Unservable

_POLL = 0.05
_logger = logging.getLogger(__name__)
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServingProcess:
    """A process that ends when its standard input closes.

    The command is `python -m sandbox.machines.model_server.tensorflow_serving`.
    """

    def __init__(self, models: list[SavedModels], settings: Settings, project: pathlib.Path) -> None:
        self._command = [sys.executable, "-m", "sandbox.machines.model_server.tensorflow_serving"]
        self._command += ["--intra-op-threads", str(settings.intra_op_threads)]
        self._command += ["--inter-op-threads", str(settings.inter_op_threads)]
        self._models = [f"{model.name}={model.folder}" for model in models]
        self._project = project
        self._wait_seconds = settings.wait_seconds
        self.port = 0
        self._process = self._start()

    def await_available(self, model_name: str) -> None:
        """Wait until the model is AVAILABLE.

        Raises Unservable after SAGEMAKER_TFS_WAIT_TIME_SECONDS, or if the model does not load.
        """
        deadline = time.monotonic() + self._wait_seconds
        while not self._is_available(model_name):
            if self._process.poll() is not None:
                raise Unservable("TensorFlow Serving ended while it loaded the model; its last lines say why")
            if time.monotonic() > deadline:
                raise Unservable(
                    f"Timed out after {self._wait_seconds} seconds: TensorFlow Serving has not loaded the model. Raise "
                    "SAGEMAKER_TFS_WAIT_TIME_SECONDS in the model's environment"
                )
            time.sleep(_POLL)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def start_again_when_it_ends(self) -> None:
        """Restart it at once on the same port whenever it ends, as the container does.

        Meanwhile the port refuses connections.
        """

        def watch() -> None:
            while True:
                status = self._process.wait()
                _logger.warning("unexpected tensorflow serving exit (status: %s). restarting.", status)
                self._process = self._start()

        threading.Thread(target=watch, name="watch TensorFlow Serving", daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {"OMP_NUM_THREADS": "1", **os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
        with loopback_socket(self.port) as listener:
            self.port = listener.getsockname()[1]
            return subprocess.Popen(
                [*self._command, "--socket", str(listener.fileno()), *self._models],
                stdin=subprocess.PIPE,
                env=environment | {"PYTHONPATH": str(self._project)},
                cwd=self._project,
                pass_fds=[listener.fileno()],
                start_new_session=True,  # a signal to this group must not stop it before the last answer
            )

    def _is_available(self, model_name: str) -> bool:
        try:
            with _DIRECT.open(f"http://127.0.0.1:{self.port}/v1/models/{model_name}", timeout=5) as response:
                return response.status == 200
        except OSError:
            return False


def loopback_socket(port: int) -> socket.socket:
    """A bound socket that does not listen: connections are refused until a server uses it."""
    # The protocol is given because asyncio disables Nagle's algorithm only if it reads TCP: 40 ms a request.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound
