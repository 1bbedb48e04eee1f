"""One app's MLflow: the real server application, in a process of its own while it is used.

`mlflow server` itself is two processes of 260 MB that import MLflow one after the other (8 seconds); this starts the
application that it would start, in one (4 seconds). The variables are those that its command line passes on
(mlflow/server/constants.py). After five minutes without a request it ends, and the next request starts it again.
"""

from __future__ import annotations

import contextlib
import http.client
import subprocess
import sys
import threading
import time

from sandbox.frame.host import Host
from sandbox.frame.messages import Request, Response
from sandbox.frame.permissions import CannotAssume
from sandbox.machines.containers.container import Container
from sandbox.machines.ports import answers_ok, free_port
from sandbox.machines.process import spawn, terminate
from sandbox.services.sagemaker.base.identity import PRINCIPAL

_APPLICATION = "mlflow.server.fastapi_app:app"
_START_SECONDS = 120.0
_POLL = 0.05
_HEALTH_TIMEOUT = 5.0
_IDLE_SECONDS = 300.0
_GRACE = 5.0
_FORWARDED = ("accept", "accept-language", "content-type", "range", "if-none-match", "if-modified-since")
_ABOUT_THE_WIRE = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


class NotRunning(Exception):
    """When the server cannot start, or breaks off; the message says why."""


class MlflowServer:
    """A server that the first request starts. Its records are in a database that outlives it."""

    def __init__(self, host: Host, arn: str, role_arn: str, artifact_store_uri: str) -> None:
        app = arn.rpartition("/")[2]
        self._host, self._arn, self._role_arn, self._store = host, arn, role_arn, artifact_store_uri.rstrip("/")
        self._folder = host.home / "mlflow" / app
        self._database = host.home / "state" / "mlflow" / f"{app}.db"
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._used = 0.0
        self._stopped = False

    def ask(self, request: Request, target: str) -> Response:
        """Pass a request on, to a path with its query. Blocks while the server starts. Raises NotRunning."""
        port = self._running_port()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
        headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
        try:
            with contextlib.closing(connection):
                connection.request(request.method, target, request.body or None, headers)
                answer = connection.getresponse()
                kept = {name: value for name, value in answer.getheaders() if name.lower() not in _ABOUT_THE_WIRE}
                return Response(answer.status, kept, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise NotRunning(f"the MLflow server of {self._arn} broke off: {error}") from error
        finally:
            self._used = time.monotonic()

    def stop(self) -> None:
        """End the process for good."""
        with self._lock:
            self._stopped = True
            self._end()

    def forget(self) -> None:
        """Delete its records."""
        for suffix in ("", "-journal", "-wal", "-shm"):
            self._database.with_name(self._database.name + suffix).unlink(missing_ok=True)

    def _running_port(self) -> int:
        with self._lock:
            self._used = time.monotonic()
            if self._stopped:
                raise NotRunning(f"{self._arn} was changed or deleted")
            if self._process is None or self._process.poll() is not None:
                self._start()
            return self._port

    def _start(self) -> None:
        try:
            credentials = self._host.assume(self._role_arn, "mlflow-app", PRINCIPAL, source=self._arn)
        except CannotAssume as error:
            raise NotRunning(f"the role of {self._arn} cannot be assumed: {error}") from error
        self._folder.mkdir(parents=True, exist_ok=True)
        self._database.parent.mkdir(parents=True, exist_ok=True)
        environment = Container(self._folder).environment(
            self._host,
            credentials,
            {
                "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{self._database}",
                "_MLFLOW_SERVER_ARTIFACT_ROOT": self._store,
                "MLFLOW_DISABLE_TELEMETRY": "true",
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            },
        )
        self._port = free_port()
        options = ["--host", "127.0.0.1", "--port", str(self._port), "--no-access-log", "--log-level", "warning"]
        with (self._folder / "server.log").open("wb") as log:
            command = [sys.executable, "-m", "uvicorn", _APPLICATION, *options]
            self._process = spawn(command, environment, self._folder, log)
        self._await_health(self._process)
        threading.Thread(target=self._end_when_idle, args=(self._process,), name="mlflow", daemon=True).start()

    def _await_health(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if answers_ok(self._port, "/health", _HEALTH_TIMEOUT):
                return
            time.sleep(_POLL)
        self._end()
        raise NotRunning(f"the MLflow server of {self._arn} did not start; see {self._folder / 'server.log'}")

    def _end_when_idle(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            time.sleep(max(self._used + _IDLE_SECONDS - time.monotonic(), _POLL))
            with self._lock:
                if self._process is process and time.monotonic() - self._used >= _IDLE_SECONDS:
                    self._end()

    def _end(self) -> None:
        if self._process is not None:
            terminate(self._process, _GRACE)
            self._process = None
