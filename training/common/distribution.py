"""Distribution of a run over hosts and GPUs, with the mathematics of one device.

`batch_size` is the global batch: each replica computes its equal part of every batch, the gradients are summed, and the
learning rate stays. So a job on another number of instances can resume from the same checkpoint.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import tensorflow as tf

from training.common.cluster import Cluster
from training.common.errors import JobError

SUM = tf.distribute.ReduceOp.SUM


@dataclass(frozen=True)
class Share:
    """One host's part of each global batch: the `index`-th of `count` equal ones."""

    index: int = 0
    count: int = 1

    def rows(self, batch_size: int) -> slice:
        """The part's rows in a batch."""
        size = batch_size // self.count
        return slice(self.index * size, (self.index + 1) * size)


def replica_rows(size: int | tf.Tensor) -> slice:
    """This replica's rows of the global batch, if each replica has `size` rows.

    For use in a replica's context. Random numbers are drawn for the whole batch, so that they do not depend on the
    number of replicas.
    """
    first = tf.distribute.get_replica_context().replica_id_in_sync_group * size
    return slice(first, first + size)


class Distribution:
    """A strategy, and the agreement of the hosts. Build models and optimizers within `strategy.scope()`.

    Raises JobError for a batch that the replicas cannot share evenly.
    """

    def __init__(self, strategy: tf.distribute.Strategy, cluster: Cluster, batch_size: int) -> None:
        self.strategy, self.cluster, self.batch_size = strategy, cluster, batch_size
        replicas = strategy.num_replicas_in_sync
        if batch_size % replicas:
            raise JobError(
                f"batch_size is {batch_size}, and the job's {replicas} replicas cannot share it evenly: set it to "
                f"{max(replicas, batch_size - batch_size % replicas)} or another multiple of {replicas}."
            )
        self.replicas = replicas
        self._total = tf.function(self.sum_over_hosts, input_signature=[tf.TensorSpec([None], tf.int64)])

    @property
    def share(self) -> Share:
        """This host's part of each global batch."""
        return Share(self.cluster.index, len(self.cluster.hosts))

    @property
    def host_replicas(self) -> int:
        """The number of replicas on this host: one, or one for each GPU."""
        return self.replicas // len(self.cluster.hosts)

    @property
    def host_batch_size(self) -> int:
        return self.batch_size // len(self.cluster.hosts)

    @property
    def replica_batch_size(self) -> int:
        return self.batch_size // self.replicas

    def agree(self, steps: int, stop: bool) -> tuple[int, bool]:
        """Agree on the chief's number of steps, and on stopping if any host must stop.

        Every host must call it equally often: it waits for the others.
        """
        if len(self.cluster.hosts) == 1:
            return steps, stop
        proposal = tf.constant([steps if self.cluster.is_chief else 0, stop], tf.int64)
        agreed, stops = (int(number) for number in self._total(proposal))
        return agreed, stops > 0

    def require_equal(self, step: int) -> None:
        """Raise JobError unless all hosts resume from the same step."""
        agreed, _ = self.agree(step, stop=False)
        if self.agree(0, stop=agreed != step)[1]:
            raise JobError(
                f"The hosts would resume from different checkpoints (here {self.cluster.current}: step {step}, the "
                f"chief: step {agreed}): give all of them the same /opt/ml/checkpoints, or start without any."
            )

    def sum_over_hosts(self, values: tf.Tensor) -> tf.Tensor:
        """The sum of every host's values, on each of them; for use in a tf.function."""
        if len(self.cluster.hosts) == 1:
            return values
        summed = self.strategy.run(_all_reduce, args=(values,))
        # Each replica of a host has added the host's values once.
        return tf.cast(self.strategy.experimental_local_results(summed)[0] / self.host_replicas, values.dtype)


def _all_reduce(values: tf.Tensor) -> tf.Tensor:
    # The sum needs its input on the replica's device: the copy is placed there, a function's argument may not be.
    return tf.distribute.get_replica_context().all_reduce(SUM, tf.identity(values))


def distribute(cluster: Cluster, batch_size: int) -> Distribution:
    """The distribution for a cluster: one device, several GPUs of one host, or several hosts.

    Call it before any other use of TensorFlow: collective operations are set up with its context.
    """
    return Distribution(_strategy(cluster), cluster, batch_size)


def _strategy(cluster: Cluster) -> tf.distribute.Strategy:
    if len(cluster.hosts) > 1:
        os.environ["TF_CONFIG"] = cluster.tf_config()
        print(f"{cluster.current} waits for the other hosts of {', '.join(cluster.hosts)}", flush=True)
        return tf.distribute.MultiWorkerMirroredStrategy()
    devices = [device.name for device in accelerators()]
    return tf.distribute.MirroredStrategy(devices) if len(devices) > 1 else tf.distribute.get_strategy()


def accelerators() -> list[tf.config.LogicalDevice]:
    """The GPUs of this host; if there are several, each gets a replica."""
    return tf.config.list_logical_devices("GPU")
