"""The instances of one job: on this machine, a folder, a log stream and a process each."""

from __future__ import annotations

import pathlib
import shutil
import time
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.frame.errors import ValidationException
from sandbox.frame.host import Host
from sandbox.machines.containers.container import Container, shell_safe
from sandbox.machines.containers.host_names import (
    Unresolvable,
    addresses,
    host_names,
    mounts,
    private_hosts_work,
    require_resolvable,
)
from sandbox.machines.containers.logs import LogStream
from sandbox.machines.containers.own_address import at_own_address
from sandbox.machines.containers.private_mounts import with_mounts
from sandbox.services.sagemaker.jobs.execution import Program

MOST_INSTANCES = 16


def require_instances(count: int) -> None:
    """Raise ValidationException for too many instances, or for instances that could not find each other."""
    if count > MOST_INSTANCES:
        raise ValidationException(
            f"the sandbox runs at most {MOST_INSTANCES} instances of a job, each as a process of this one machine; the "
            f"request asks for {count}"
        )
    try:
        require_resolvable(host_names(count))
    except Unresolvable as error:
        raise ValidationException(f"the sandbox cannot run {count} instances: {error}") from error


def folder_of(host: Host, kind: str, job_name: str) -> pathlib.Path:
    """The folder that holds the folders of a job's instances."""
    return shell_safe(host.home) / "jobs" / f"{kind.lower()}-job" / job_name


class Instance:
    """One instance: the folder that stands for its /opt/ml, and its log while it runs."""

    def __init__(self, name: str, container: Container, read_line: Callable[[str], None]) -> None:
        self.name = name
        self.container = container
        self.log: LogStream | None = None
        self._read_line = read_line

    def take_line(self, line: str) -> None:
        """One line of the container's output."""
        if self.log is not None:
            self.log.write(line)
        self._read_line(line)


class Cluster:
    """All instances of a job, `algo-1` first."""

    def __init__(self, folder: pathlib.Path, count: int, read_line: Callable[[str], None]) -> None:
        self.folder = folder
        self.names = host_names(count)
        self.instances = [Instance(name, Container(folder / name), read_line) for name in self.names]

    def prepare(self, image: str) -> None:
        """Empty folders, and for each a Python with the packages of the image."""
        self.remove()
        for instance in self.instances:
            instance.container.path()
            instance.container.make_python(image)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def folders(self, *parts: str) -> list[pathlib.Path]:
        """A folder of every instance: folders("model")."""
        return [instance.container.path(*parts) for instance in self.instances]

    def part(self, distribution: str, index: int) -> slice:
        """The part of the sorted objects that an instance gets ("S3DataSource", S3DataDistributionType)."""
        return slice(index, None, len(self.instances)) if distribution == "ShardedByS3Key" else slice(None)

    def programs(
        self, specification: Mapping[str, Any], environment: Callable[[Container], dict[str, str]], job: str
    ) -> list[Program]:
        """The program of each instance."""
        shared = mounts(self.names, job, self.folder)
        return [
            Program(
                instance.name,
                with_mounts(self._command(instance, specification, job), shared | instance.container.mounts),
                environment(instance.container),
                instance.container.base,
                instance.take_line,
            )
            for instance in self.instances
        ]

    def _command(self, instance: Instance, specification: Mapping[str, Any], job: str) -> list[str]:
        """The container's command; of several instances each has an address of its own."""
        command = instance.container.command(specification)
        if len(self.instances) == 1 or not private_hosts_work():
            return command
        return at_own_address(command, addresses(self.names, job)[instance.name])

    def open_logs(self, host: Host, group: str, job_name: str) -> None:
        """A stream an instance: job-name/algo-1-1700000000."""
        started = int(time.time())
        for instance in self.instances:
            instance.log = LogStream(host, group, f"{job_name}/{instance.name}-{started}")

    def close_logs(self) -> None:
        for instance in self.instances:
            if instance.log is not None:
                instance.log.close()
                instance.log = None
