"""One instance of a production variant: a model server's process, from its archive in S3 to its last log line."""

from __future__ import annotations

import contextlib
import logging
import pathlib
import signal
import subprocess
import sys
import tarfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.faults import Faults
from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.machines.containers.container import Container
from sandbox.machines.containers.isolation import isolated, variables
from sandbox.machines.containers.logs import LogStream
from sandbox.machines.containers.private_mounts import with_mounts
from sandbox.machines.containers.s3_transfer import TRANSFER_ERRORS
from sandbox.machines.ports import answers_ok, free_port
from sandbox.machines.process import signal_group, spawn, terminate
from sandbox.services.sagemaker.endpoints import broken_archives
from sandbox.services.sagemaker.endpoints.health import Health
from sandbox.services.sagemaker.endpoints.served_container import ServedContainer, require_readable
from sandbox.services.sagemaker.endpoints.stand_ins import stand_in

_ROOT = pathlib.Path(__file__).resolve().parents[4]
_PING_TIMEOUT = 2.0
_PING_INTERVAL = 0.1
_RESTART_PAUSE = 1.0
_LAST_LINES_SECONDS = 2.0
_DRAIN_SECONDS = 60.0  # the longest that an invocation may take
_STOP_GRACE = 30.0  # "How Containers Serve Requests": SIGTERM, then SIGKILL after 30 seconds

_logger = logging.getLogger(__name__)

WITHIN: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""The filter that keeps members within the folder; Debian 12's Python 3.11.2 has none (Python, "tarfile", "Supporting
older Python versions")."""


class StartFailed(Exception):
    """When an instance does not come into service; the message is the endpoint's FailureReason."""


@dataclass(frozen=True)
class Placement:
    """The place of an instance: its endpoint, its variant, and the seconds that it has to start."""

    endpoint: str
    variant: str
    startup_seconds: int


class ModelInstance:
    """A model server that is started, watched, restarted when it dies, and stopped."""

    def __init__(self, host: Host, placement: Placement, container: ServedContainer) -> None:
        self.id = "i-" + uuid.uuid4().hex[:17]
        self.container = container
        self._host = host
        self._placement = placement
        self._folder = host.home / "endpoints" / placement.endpoint / self.id
        self._stopping = threading.Event()
        self._in_service = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._requests = 0
        self._health = Health(self._answers_ping, self._end, placement.startup_seconds)
        self.port = 0

    @property
    def rank(self) -> tuple[bool, int]:
        """The least takes the next request: healthy ones first, then those with few requests."""
        return not self._health.healthy, self._requests

    def doubt(self) -> None:
        """Mark as suspect after a broken connection."""
        self._health.doubt()

    @property
    def pid(self) -> int:
        """The server's process, 0 before the first."""
        return self._process.pid if self._process else 0

    @property
    def log_stream(self) -> str:
        return f"{self._placement.variant}/{self.id}"

    def start(self) -> None:
        """Return when the server answers its health check. Raises StartFailed with AWS's reason."""
        self._fetch()
        log = LogStream(self._host, log_group(self._placement.endpoint), self.log_stream)
        self._launch()
        watch = threading.Thread(target=self._watch, args=(log,), name=f"instance {self.id}", daemon=True)
        watch.start()
        try:
            self._await_ping()
        except StartFailed:
            watch.join(_LAST_LINES_SECONDS)  # the log's last lines are there when a person reads the reason
            raise
        self._in_service.set()
        threading.Thread(
            target=self._health.watch, args=(self._stopping,), name=f"health {self.id}", daemon=True
        ).start()

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Around each request to the server: it is not stopped before the answer. For one event loop's use."""
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1

    def drain(self) -> None:
        """Return when no request is on its way. New ones go to the other instances."""
        deadline = time.monotonic() + _DRAIN_SECONDS
        while self._requests and time.monotonic() < deadline:
            time.sleep(_PING_INTERVAL)

    def stop(self, grace_seconds: float = _STOP_GRACE) -> None:
        """Stop the server and remove its files."""
        self._stopping.set()
        if self._process is not None:
            terminate(self._process, grace_seconds)
        Container(self._folder).remove()

    def _fetch(self) -> None:
        """Download and unpack the archive with the execution role's credentials."""
        container = Container(self._folder)
        container.remove()
        container.path()
        container.make_python(self.container.image)
        archive, place = self._folder / "model.tar.gz", self.container.archive
        try:
            self._credentials = require_readable(self._host, self.container)
            self._host.client("s3", self._credentials).download_file(place.bucket, place.key, str(archive))
        except (*TRANSFER_ERRORS, ValidationException) as error:
            raise StartFailed(
                f'Failed to download model data for container "container_1" from URL: "{place}". Please ensure that '
                "there is an object located at the URL and that the role passed to CreateModel has permissions to "
                "download the object."
            ) from error
        if self._suffers_from("archive-truncated"):
            broken_archives.truncate(archive)
        try:
            with tarfile.open(archive, "r:gz") as tar:
                tar.extractall(self._folder / "model", **WITHIN)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise StartFailed(
                f'Failed to extract model data archive from URL "{place}" for container "container_1". Please ensure '
                f"that the object located at the URL is a valid tar.gz archive. ({error})"
            ) from error
        archive.unlink()
        if self._suffers_from("archive-wrong-signature"):
            broken_archives.rename_signatures(self._folder / "model")

    def _answers_ping(self) -> bool:
        return answers_ok(self.port, "/ping", _PING_TIMEOUT)

    def _suffers_from(self, kind: str) -> bool:
        names = {"endpoint_name": self._placement.endpoint, "model_name": self.container.model}
        return Faults(self._host.home).find(kind, **names) is not None

    def _launch(self) -> None:
        self.port = free_port()
        container = Container(self._folder)
        model = f"{container.root}/model"
        replacement = stand_in(self._host.home, self.container.image)
        command = replacement or [
            *(
                sys.executable,
                "-m",
                "sandbox.machines.model_server",
                "--model-dir",
                model,
                "--port",
                str(self.port),
                "--python",
                str(container.interpreter),
            )
        ]
        command = with_mounts(command, container.mounts)
        environment = self._environment(container) | {"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        if replacement:
            environment |= {"SAGEMAKER_BIND_TO_PORT": str(self.port), "SANDBOX_MODEL_DIR": model}
        if self.container.isolated:
            command = isolated(command, self.port)
        self._process = spawn(command, environment, self._folder, subprocess.PIPE)

    def _environment(self, container: Container) -> dict[str, str]:
        """The container's environment; an isolated one has no credentials of AWS."""
        given = self.container.environment
        if self.container.isolated:
            return {**container.isolated_environment(self._host, given), **variables()}
        return container.environment(self._host, self._credentials, given)

    def _watch(self, log: LogStream) -> None:
        """Copy the server's output to its log, and restart it if it ends in service."""
        while True:
            self._copy_output(log)
            self._health.ended()
            if self._stopping.is_set() or not self._in_service.is_set():
                break
            log.write("the model server ended unexpectedly: starting it again")
            if self._stopping.wait(_RESTART_PAUSE):
                break
            self._launch()
            if self._stopping.is_set():  # stop() may have looked at the process before
                self._end()
        log.close()

    def _copy_output(self, log: LogStream) -> None:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                log.write(line.decode(errors="replace").rstrip("\r\n"))
        process.wait()

    def _end(self) -> None:
        if self._process is not None:
            signal_group(self._process, signal.SIGKILL)

    def _await_ping(self) -> None:
        """Ask /ping until it answers 200. AWS restarts a server that ends meanwhile; here that is final at once."""
        seconds: float = self._placement.startup_seconds
        silent = self._suffers_from("no-ping")
        if silent:  # nothing is lost by a shorter wait for what will not come
            seconds = self._host.scaled(seconds)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self._stopping.is_set():
            assert self._process is not None
            if self._process.poll() is not None:
                break
            if not silent and self._answers_ping():
                return
            self._stopping.wait(_PING_INTERVAL)
        raise StartFailed(
            f"The primary container for production variant {self._placement.variant} did not pass the ping health "
            "check. Please check CloudWatch logs for this endpoint."
        )


def log_group(endpoint: str) -> str:
    """The log group of an endpoint.

    Source: AWS, "Log groups and streams that Amazon SageMaker AI sends to CloudWatch Logs".
    """
    return f"/aws/sagemaker/Endpoints/{endpoint}"
