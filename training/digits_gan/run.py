"""One training run of digits-gan: networks, optimizers, data and checkpoints."""

from __future__ import annotations

from pathlib import Path

from training.common import memory
from training.common.distribution import distribute
from training.common.feed import open_feed
from training.common.shard_reader import read_whole
from training.common.training_job import Job
from training.common.training_loop import TrainingLoop
from training.digits_gan.export import export
from training.digits_gan.fitting import AdversarialFitting
from training.digits_gan.samples import FOLDER, Samples
from training.digits_gan.validation import SampleValidation


class GanRun:
    """See training_job.Run."""

    def __init__(self, job: Job) -> None:
        settings, manifests = job.settings, job.manifests
        distribution = distribute(job.cluster, settings.batch_size)
        available = memory.available_bytes()
        feed = open_feed(job.folders["train"], manifests["train"], settings.seed, available, distribution)
        with distribution.strategy.scope():
            self.fitting = AdversarialFitting(settings, distribution)
        self.samples = Samples(feed.steps_per_epoch, settings.total_steps(feed.steps_per_epoch))
        real, _ = read_whole(job.folders["validation"], manifests["validation"])
        validation = SampleValidation(self.fitting, real, self.samples, settings.seed)
        self._output, kept = job.container.output, {"samples": self.samples.variables()}
        self.loop = TrainingLoop.of(job, self.fitting, feed, validation, distribution, more_state=kept)

    def train(self) -> bool:
        return self.loop.run()

    def export(self, folder: Path) -> None:
        """Write the SavedModel of the averaged generator, and the sheets of samples as output data."""
        export(self.fitting.averaged(), folder)
        self.samples.write(self._output / "data" / FOLDER)
