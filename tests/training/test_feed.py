"""Feeds: each epoch holds every record once, in an order that depends on seed and epoch alone."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from digits_lab import prepared

from training.common.cluster import Cluster
from training.common.distribution import Distribution
from training.common.errors import JobError
from training.common.feed import Feed, InMemory, Streamed, open_feed
from training.common.manifest import Manifest

pytestmark = pytest.mark.tensorflow

BATCH = 100
ALONE = Cluster()


def open_with(available_bytes: int, seed: int = 1, cluster: Cluster = ALONE) -> Feed:
    folder = prepared() / "train"
    distribution = Distribution(tf.distribute.get_strategy(), cluster, BATCH)
    return open_feed(folder, Manifest.read(folder), seed, available_bytes, distribution)


@pytest.mark.parametrize(("available_bytes", "kind"), [(10**9, InMemory), (10**6, Streamed)])
def test_the_memory_rule_chooses(available_bytes: int, kind: type) -> None:
    assert isinstance(open_with(available_bytes), kind)


@pytest.mark.parametrize("available_bytes", [10**9, 10**6])
def test_a_position_is_found_again(available_bytes: int) -> None:
    whole, resumed = open_with(available_bytes), open_with(available_bytes)
    assert whole.steps_per_epoch == 22
    images, labels = whole.take(3, 0, 22).tensors
    later_images, later_labels = resumed.take(3, 15, 7).tensors
    np.testing.assert_array_equal(images[1500:], later_images)
    np.testing.assert_array_equal(labels[1500:], later_labels)


@pytest.mark.parametrize("available_bytes", [10**9, 10**6])
def test_an_epoch_is_a_permutation_of_its_own(available_bytes: int) -> None:
    feed = open_with(available_bytes)
    first, second = (feed.take(epoch, 0, 22).tensors[0].numpy().reshape(2200, -1) for epoch in (0, 1))
    other = open_with(available_bytes, seed=2).take(0, 0, 22).tensors[0].numpy().reshape(2200, -1)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)
    for order in (second, other):
        np.testing.assert_array_equal(np.sort(first.sum(1)), np.sort(order.sum(1)))


def test_less_than_a_batch_is_refused() -> None:
    folder = prepared() / "train"
    distribution = Distribution(tf.distribute.get_strategy(), ALONE, 2201)
    with pytest.raises(JobError, match="holds 2200 records, fewer than one batch: set batch_size to at most 2200"):
        open_feed(folder, Manifest.read(folder), 0, 10**9, distribution)


@pytest.mark.parametrize("available_bytes", [10**9, 10**6])
def test_the_hosts_parts_are_the_global_batches(available_bytes: int) -> None:
    hosts = ("algo-1", "algo-2", "algo-3", "algo-4")
    whole = open_with(available_bytes).take(1, 2, 3)
    parts = [open_with(available_bytes, cluster=Cluster(hosts, host)).take(1, 2, 3) for host in hosts]
    assert [part.steps for part in parts] == [3] * 4
    for number, tensor in enumerate(whole.tensors):
        shape = [3, BATCH // 4, *tensor.shape[1:]]
        joined = np.concatenate([part.tensors[number].numpy().reshape(shape) for part in parts], 1)
        np.testing.assert_array_equal(joined.reshape(tensor.shape), tensor)
