"""The training loop with a diverging fitting, the cluster, and the distribution."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tensorflow as tf

from training.common.checkpoints import Checkpoints
from training.common.cluster import Cluster
from training.common.container import Container
from training.common.distribution import Distribution
from training.common.errors import JobError
from training.common.feed import Chunk
from training.common.interruption import Interruption
from training.common.training_loop import FIRST_CHUNK_STEPS, TrainingLoop

pytestmark = pytest.mark.tensorflow

TOTAL = 4 * FIRST_CHUNK_STEPS


class Diverging:
    """A fitting with the given loss and weight from the second chunk on."""

    def __init__(self, loss: float, weight: float) -> None:
        self.weight = tf.Variable(1.0)
        self._chunks, self._second = 0, (loss, weight)

    def run(self, *_batches: tf.Tensor) -> dict[str, tf.Tensor]:
        self._chunks += 1
        loss, weight = self._second if self._chunks == 2 else (0.5, 2.0)
        self.weight.assign(weight)
        return {"train:loss": tf.constant(loss)}

    def variables(self) -> dict[str, list[tf.Variable]]:
        return {"model": [self.weight]}


class Batches:
    """A feed with chunks no longer than the first one."""

    batch_size, steps_per_epoch = 4, TOTAL

    def take(self, _epoch: int, _step: int, count: int) -> Chunk:
        return Chunk((), min(count, FIRST_CHUNK_STEPS))


DIVERGED = {
    "loss is not a number": ((math.nan, 2.0), "train:loss became nan in the steps 9 to 16 of 32"),
    "loss is infinite": ((math.inf, 2.0), "train:loss became inf in the steps 9 to 16 of 32"),
    "weights are not": ((0.5, math.nan), "the state 'model' holds values that are not finite in step 16 of 32"),
}


@pytest.mark.parametrize("case", DIVERGED)
def test_a_diverged_run_names_step_checkpoint_and_cure_and_saves_nothing_more(case: str, tmp_path: Path) -> None:
    becomes, sentence = DIVERGED[case]
    fitting = Diverging(*becomes)
    loop = TrainingLoop(
        fitting=fitting,
        feed=Batches(),
        checkpoints=Checkpoints(tmp_path, fitting.variables(), {}),
        interruption=Interruption(),
        validate=lambda _step: None,
        total_steps=TOTAL,
        checkpoint_seconds=0,
        distribution=Distribution(tf.distribute.get_strategy(), Cluster(), 4),
    )
    with pytest.raises(JobError) as raised:
        loop.run()
    assert str(raised.value) == (
        f"The training diverged: {sentence}; the last good state is the checkpoint step-0000000008. Start again with a "
        "lower learning rate, a longer warm-up, or another precision than float16."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["step-0000000008"]


@pytest.mark.parametrize(("batch_size", "instead"), [(130, 128), (3, 4), (127, 124)])
def test_a_batch_that_does_not_divide_is_refused(batch_size: int, instead: int) -> None:
    four: Any = SimpleNamespace(num_replicas_in_sync=4)
    cure = (
        f"batch_size is {batch_size}, and the job's 4 replicas cannot share it evenly: set it to {instead} or another"
    )
    with pytest.raises(JobError, match=cure):
        Distribution(four, Cluster(), batch_size)


def cluster_of(base: Path, content: object) -> Cluster:
    (base / "input" / "config").mkdir(parents=True)
    (base / "input" / "config" / "resourceconfig.json").write_text(json.dumps(content))
    return Cluster.read(Container(base))


def test_hosts_of_one_job_get_ports_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINING_JOB_NAME", "a")
    cluster = cluster_of(tmp_path, {"hosts": ["algo-1", "algo-2"], "current_host": "algo-2"})
    assert (cluster.index, cluster.is_chief) == (1, False)
    config = json.loads(cluster.tf_config())
    assert config["task"] == {"type": "worker", "index": 1}
    first, second = (address.split(":") for address in config["cluster"]["worker"])
    assert (first[0], second[0]) == ("algo-1", "algo-2")
    assert int(second[1]) == int(first[1]) + 1 < 32768
    monkeypatch.setenv("TRAINING_JOB_NAME", "b")
    assert json.loads(Cluster.read(Container(tmp_path)).tf_config()) != config


def test_no_file_is_one_host(tmp_path: Path) -> None:
    assert Cluster.read(Container(tmp_path)).is_chief


def test_a_host_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="lists the hosts algo-1, algo-2, and not this one, 'algo-3'"):
        cluster_of(tmp_path, {"hosts": ["algo-1", "algo-2"], "current_host": "algo-3"})
