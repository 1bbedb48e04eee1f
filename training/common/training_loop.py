"""The training loop, in chunks of about a second: progress, validation, checkpoints, interruption."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from training.common.checkpoints import Checkpoints
from training.common.distribution import Distribution
from training.common.errors import JobError
from training.common.feed import Feed
from training.common.fitting import Fitting
from training.common.interruption import Interruption
from training.common.metrics import emit
from training.common.progress import TrainingProgress
from training.common.training_job import Job

FIRST_CHUNK_STEPS = 8
CHUNK_SECONDS = 1.0
LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError)
"""Errors of collective operations after a host is lost. Source: TensorFlow, MultiWorkerMirroredStrategy."""


@dataclass
class TrainingLoop:
    """The parts of a run, and its loop.

    `validate` is called with the step after every epoch and after the last step, on the chief alone, while the other
    hosts wait: it must use no collective operation.
    """

    fitting: Fitting
    feed: Feed
    checkpoints: Checkpoints
    interruption: Interruption
    validate: Callable[[int], None]
    total_steps: int
    checkpoint_seconds: float
    distribution: Distribution

    @classmethod
    def of(
        cls,
        job: Job,
        fitting: Fitting,
        feed: Feed,
        validate: Callable[[int], None],
        distribution: Distribution,
        *,
        more_state: Mapping[str, list[tf.Variable]] | None = None,
        more_identity: Mapping[str, Any] | None = None,
    ) -> TrainingLoop:
        """The loop of a job, with checkpoints for its settings and data only.

        `more_state` adds to the fitting's variables in a checkpoint, `more_identity` to the checkpoints' identity.
        """
        state = {**fitting.variables(), **(more_state or {})}
        data = {split: manifest.fingerprint for split, manifest in job.manifests.items()}
        identity = {**job.settings.identity(), **data, **(more_identity or {})}
        return cls(
            fitting,
            feed,
            Checkpoints(job.container.checkpoints, state, identity),
            job.interruption,
            validate,
            job.settings.total_steps(feed.steps_per_epoch),
            job.settings.checkpoint_seconds,
            distribution,
        )

    def run(self) -> bool:
        """Train from the newest usable checkpoint, or from the start, to the last step.

        Returns False after a SIGTERM to any host; a checkpoint then holds the state so far. Raises JobError if the loss
        or a weight is not finite, and if another host is lost.
        """
        try:
            return self._run()
        except LOST as error:
            if len(self.distribution.cluster.hosts) == 1:
                raise
            print(error, flush=True)
            raise JobError(
                "Another host of this job is lost: it ended, or cannot be reached. The hosts train together, so "
                f"{self.distribution.cluster.current} ends too; the next job resumes from {self._good()}."
            ) from error

    def _run(self) -> bool:
        step = self.checkpoints.restore()
        self.distribution.require_equal(step)
        print(f"training from step {step} to {self.total_steps}", flush=True)
        is_chief = self.distribution.cluster.is_chief
        progress = TrainingProgress(step, self.total_steps, self.feed.steps_per_epoch) if is_chief else None
        chunk, saved = FIRST_CHUNK_STEPS, time.monotonic()
        while step < self.total_steps:
            chunk, stop = self.distribution.agree(chunk, self.interruption.requested)
            if stop:
                self._save(step)
                return False
            started = time.monotonic()
            count = self._take(step, chunk)
            step += count
            rate = count / (time.monotonic() - started)
            self._emit("train:examples_per_second", rate * self.feed.batch_size, step)
            chunk = max(1, round(rate * CHUNK_SECONDS))
            at_rest = step % self.feed.steps_per_epoch == 0 or step == self.total_steps
            if at_rest and is_chief:
                self.validate(step)
            if progress:
                progress.advance(count)
            if at_rest or time.monotonic() - saved > self.checkpoint_seconds:
                self._save(step)
                saved = time.monotonic()
        return True

    def _take(self, step: int, most: int) -> int:
        """Train on at most `most` batches within the step's epoch; return their number."""
        epoch, position = divmod(step, self.feed.steps_per_epoch)
        most = min(most, self.feed.steps_per_epoch - position, self.total_steps - step)
        chunk = self.feed.take(epoch, position, most)
        metrics = {name: float(value) for name, value in self.fitting.run(*chunk.tensors).items()}
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise self._diverged(f"{name} became {value}", step + 1, step + chunk.steps)
            self._emit(name, value, step + chunk.steps)
        return chunk.steps

    def _save(self, step: int) -> None:
        """Write a checkpoint, on the chief; refuse values that are not finite."""
        if not self.distribution.cluster.is_chief:
            return
        for part, variables in self.fitting.variables().items():
            if not all(bool(tf.reduce_all(tf.math.is_finite(each))) for each in variables if each.dtype.is_floating):
                raise self._diverged(f"the state '{part}' holds values that are not finite", step, step)
        self.checkpoints.save(step)

    def _diverged(self, what: str, first: int, last: int) -> JobError:
        steps = f"step {last}" if first == last else f"the steps {first} to {last}"
        return JobError(
            f"The training diverged: {what} in {steps} of {self.total_steps}; the last good state is {self._good()}. "
            "Start again with a lower learning rate, a longer warm-up, or another precision than float16."
        )

    def _good(self) -> str:
        newest = self.checkpoints.newest()
        return f"the checkpoint {newest}" if newest else "the start: there is no checkpoint yet"

    def _emit(self, name: str, value: float, step: int) -> None:
        if self.distribution.cluster.is_chief:
            emit(name, value, step)
