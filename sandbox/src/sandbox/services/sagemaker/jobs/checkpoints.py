"""The synchronization of a running job's checkpoints with S3, from which the next job resumes.

Source: AWS, "Checkpoints in Amazon SageMaker AI": the local folder is filled from S3 before the job starts; then new
and changed files are written to S3, and "if a checkpoint is deleted in the SageMaker AI container, it will also be
deleted in the S3 folder".
"""

from __future__ import annotations

import logging
import pathlib
import threading
from typing import Any

from sandbox.machines.containers.s3_transfer import TRANSFER_ERRORS, S3Location, download, files, upload_file
from sandbox.services.sagemaker.jobs.job import JobFailed

INTERVAL = 1.0

_logger = logging.getLogger(__name__)


class Checkpoints:
    """The folder and its place in S3. A context that synchronizes in the background, and once at its end.

    The end raises JobFailed if S3 cannot be made to hold what the folder holds. AWS does not document what it does
    then; the sandbox lets the job fail, so that a permission that is missing shows.
    """

    def __init__(self, s3: Any, folder: pathlib.Path, location: S3Location) -> None:
        self._s3 = s3
        self._folder = folder
        self._location = location
        self._sent: dict[pathlib.Path, tuple[int, int]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._synchronize_regularly, name="checkpoints", daemon=True)

    def __enter__(self) -> Checkpoints:
        download(self._s3, self._location, self._folder)
        self._sent = {path: _version(path) for path in files(self._folder)}
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._synchronize()

    def _synchronize_regularly(self) -> None:
        while not self._ended.wait(INTERVAL):
            try:
                self._synchronize()
            except JobFailed:
                _logger.exception("checkpoints for %s wait for the next synchronization", self._location)

    def _synchronize(self) -> None:
        present = files(self._folder)
        try:
            self._send(present)
        except TRANSFER_ERRORS as error:
            raise JobFailed(f"ClientError: Checkpoint upload to {self._location} failed: {error}") from error
        for path in self._sent.keys() - set(present):
            self._delete(path)

    def _send(self, present: list[pathlib.Path]) -> None:
        """Send new and changed files. The next round sends a file that changes meanwhile."""
        for path in present:
            try:
                version = _version(path)
                if self._sent.get(path) == version:
                    continue
                upload_file(self._s3, path, self._place(path), {})
            except FileNotFoundError:
                continue
            self._sent[path] = version

    def _delete(self, path: pathlib.Path) -> None:
        place = self._place(path)
        try:
            self._s3.delete_object(Bucket=place.bucket, Key=place.key)
        except TRANSFER_ERRORS as error:
            raise JobFailed(
                f"ClientError: the job deleted a checkpoint file, and SageMaker could not delete it in S3 ({place}). "
                f"The execution role needs s3:DeleteObject there, as does the policy of a VPC endpoint. {error}"
            ) from error
        del self._sent[path]

    def _place(self, path: pathlib.Path) -> S3Location:
        return self._location / path.relative_to(self._folder).as_posix()


def _version(path: pathlib.Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
