"""The upload of a running job's checkpoints to S3, from which the next resumes.

Source: AWS, "Checkpoints in Amazon SageMaker AI": the local folder is filled from S3 before the job starts, then every
new or changed file is uploaded; what the job deletes stays in S3.
"""

from __future__ import annotations

import logging
import pathlib
import threading
from typing import Any

from sandbox.machines.containers.s3_transfer import TRANSFER_ERRORS, S3Location, download, files, upload_file

INTERVAL = 1.0

_logger = logging.getLogger(__name__)


class Checkpoints:
    """The folder and its place in S3. A context that uploads in the background, and once at its end."""

    def __init__(self, s3: Any, folder: pathlib.Path, location: S3Location) -> None:
        self._s3 = s3
        self._folder = folder
        self._location = location
        self._uploaded: dict[pathlib.Path, tuple[int, int]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._upload_regularly, name="checkpoints", daemon=True)

    def __enter__(self) -> Checkpoints:
        download(self._s3, self._location, self._folder)
        self._uploaded = {path: _version(path) for path in files(self._folder)}
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._upload()

    def _upload_regularly(self) -> None:
        while not self._ended.wait(INTERVAL):
            try:
                self._upload()
            except TRANSFER_ERRORS:
                _logger.exception("checkpoints for %s wait for the next upload", self._location)

    def _upload(self) -> None:
        """Send new and changed files. The next round sends a file that changes meanwhile."""
        for path in files(self._folder):
            try:
                version = _version(path)
                if self._uploaded.get(path) == version:
                    continue
                target = self._location / path.relative_to(self._folder).as_posix()
                upload_file(self._s3, path, target, {})
            except FileNotFoundError:
                continue
            self._uploaded[path] = version


def _version(path: pathlib.Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
