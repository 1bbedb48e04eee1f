"""Data between S3 and a training job: its channels, its checkpoints and its results."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sandbox.machines.containers.s3_transfer import TRANSFER_ERRORS, S3Location, download, encryption, upload_archive
from sandbox.services.sagemaker.jobs.checkpoints import Checkpoints
from sandbox.services.sagemaker.jobs.cluster import Cluster
from sandbox.services.sagemaker.jobs.job import JobFailed


def download_channels(s3: Any, cluster: Cluster, description: dict[str, Any]) -> None:
    """Fill input/data of every instance: with all objects, or its shard of them. Raises JobFailed."""
    for channel in description.get("InputDataConfig", []):
        source = channel["DataSource"]["S3DataSource"]
        location = S3Location.parse(source["S3Uri"])
        for index, folder in enumerate(cluster.folders("input", "data", channel["ChannelName"])):
            try:
                download(s3, location, folder, cluster.part(source["S3DataDistributionType"], index))
            except TRANSFER_ERRORS as error:
                raise JobFailed(f"ClientError: Data download failed:{error}") from error


@contextlib.contextmanager
def checkpoints(s3: Any, cluster: Cluster, description: dict[str, Any]) -> Iterator[None]:
    """While the job runs: every instance's folder of checkpoints is filled from, and travels to, the same place."""
    config = description.get("CheckpointConfig")
    with contextlib.ExitStack() as stack:
        if config is not None:
            for instance in cluster.instances:
                folder, location = instance.container.local(config["LocalPath"]), S3Location.parse(config["S3Uri"])
                stack.enter_context(Checkpoints(s3, folder, location))
        yield


def upload_artifacts(s3: Any, cluster: Cluster, description: dict[str, Any]) -> str:
    """Send model.tar.gz and output.tar.gz, each of all instances. Returns the model's URI; raises JobFailed."""
    config = description["OutputDataConfig"]
    place = S3Location.parse(config["S3OutputPath"]) / description["TrainingJobName"] / "output"
    extra = encryption(config.get("KmsKeyId"))
    try:
        upload_archive(s3, cluster.folders("model"), place / "model.tar.gz", extra)
        upload_archive(s3, cluster.folders("output", "data"), place / "output.tar.gz", extra)
    except TRANSFER_ERRORS as error:
        raise JobFailed(f"ClientError: Artifact upload failed:{error}") from error
    return str(place / "model.tar.gz")
