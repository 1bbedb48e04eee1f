"""The hosts that train together, as SageMaker lists them to each.

Source: AWS, "How Amazon SageMaker AI Provides Training Information" (resourceconfig.json: hosts, current_host).
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass

from training.common.container import JOB_NAME, Container
from training.common.errors import JobError

FIRST_PORT, BLOCKS, BLOCK = 20_000, 750, 16
"""TensorFlow listens on all addresses of a machine. So that hosts and jobs may share one, as on the sandbox, each job
has a block of ports by its name, and each host one of them; all lie below what Linux gives to outgoing connections."""


@dataclass(frozen=True)
class Cluster:
    """The hosts in SageMaker's order, this host, and the job's name. The first host is the chief."""

    hosts: tuple[str, ...] = ("algo-1",)
    current: str = "algo-1"
    job: str = ""

    @classmethod
    def read(cls, container: Container) -> Cluster:
        """The job's hosts; a single one without resourceconfig.json. Raises JobError if this host is not listed."""
        content = container.resources()
        hosts = tuple(content.get("hosts", cls.hosts))
        current = content.get("current_host", hosts[0] if hosts else "")
        if current not in hosts:
            raise JobError(f"resourceconfig.json lists the hosts {', '.join(hosts)}, and not this one, {current!r}.")
        return cls(hosts, current, os.environ.get(JOB_NAME, ""))

    @property
    def index(self) -> int:
        return self.hosts.index(self.current)

    @property
    def is_chief(self) -> bool:
        """True on the host that writes the checkpoints, the metrics and the model."""
        return self.index == 0

    def tf_config(self) -> str:
        """The value of TF_CONFIG. Source: TensorFlow, "Multi-worker training with Keras"."""
        block = zlib.crc32(self.job.encode()) % BLOCKS
        addresses = [f"{host}:{FIRST_PORT + BLOCK * block + number}" for number, host in enumerate(self.hosts)]
        return json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": self.index}})
