"""From a step to the last one, in chunks of about a second: progress, validation, checkpoints, interruption."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from training.common.checkpoints import Checkpoints
from training.common.errors import JobError
from training.common.feed import Feed
from training.common.fitting import Fitting
from training.common.interruption import Interruption
from training.common.metrics import emit

FIRST_CHUNK_STEPS = 8
CHUNK_SECONDS = 1.0


@dataclass
class TrainingLoop:
    """What a run needs; `validate` is called with the step after every epoch and after the last step."""

    fitting: Fitting
    feed: Feed
    checkpoints: Checkpoints
    interruption: Interruption
    validate: Callable[[int], None]
    total_steps: int
    checkpoint_seconds: float

    def run(self, step: int) -> bool:
        """Train from this step on. False when SIGTERM cut it short; a checkpoint then holds everything up to there.

        Raises JobError when the loss is no number any more.
        """
        chunk, saved = FIRST_CHUNK_STEPS, time.monotonic()
        while step < self.total_steps:
            if self.interruption.requested:
                self.checkpoints.save(step)
                return False
            started = time.monotonic()
            count = self._take(step, chunk)
            step += count
            rate = count / (time.monotonic() - started)
            emit("train:images_per_second", rate * self.feed.batch_size, step)
            chunk = max(1, round(rate * CHUNK_SECONDS))
            at_rest = step % self.feed.steps_per_epoch == 0 or step == self.total_steps
            if at_rest:
                self.validate(step)
            if at_rest or time.monotonic() - saved > self.checkpoint_seconds:
                self.checkpoints.save(step)
                saved = time.monotonic()
        return True

    def _take(self, step: int, chunk: int) -> int:
        """Train on at most `chunk` batches of the epoch that the step lies in; how many they were."""
        epoch, position = divmod(step, self.feed.steps_per_epoch)
        count = min(chunk, self.feed.steps_per_epoch - position, self.total_steps - step)
        loss = float(self.fitting.run(*self.feed.take(epoch, position, count)))
        if not math.isfinite(loss):
            raise JobError(f"The loss became {loss} before step {step + count}: lower the peak_learning_rate.")
        emit("train:loss", loss, step + count)
        return count
