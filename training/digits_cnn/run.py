"""One training run of digits-cnn: network, optimizer, data and checkpoints."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from training.common import memory
from training.common.distribution import distribute
from training.common.feed import open_feed
from training.common.fitting import ClassifierFitting
from training.common.precision import choose, cpu_flags
from training.common.precision_trial import bfloat16_speed
from training.common.schedule import OneCycle
from training.common.training_job import Job
from training.common.training_loop import TrainingLoop
from training.common.validation import Validation
from training.digits_cnn.algorithm import Settings
from training.digits_cnn.export import export
from training.digits_cnn.model import build


class DigitsRun:
    """See training_job.Run."""

    def __init__(self, job: Job) -> None:
        settings, manifests = job.settings, job.manifests
        distribution = distribute(job.cluster, settings.batch_size)
        self._settings, self._pixels = settings, manifests["train"].statistics["image"]
        gpus = len(tf.config.list_physical_devices("GPU"))
        chosen = choose(settings.precision, gpus, cpu_flags(), bfloat16_speed)
        print(f"precision {chosen.policy}: {chosen.reason}", flush=True)
        available = memory.available_bytes()
        feed = open_feed(job.folders["train"], manifests["train"], settings.seed, available, distribution)
        with distribution.strategy.scope():
            self.model = self._build(chosen.policy)
            optimizer = _optimizer(settings, settings.total_steps(feed.steps_per_epoch), chosen.policy)
            optimizer.build(self.model.trainable_variables)
        fitting = ClassifierFitting(self.model, optimizer, distribution)
        validation = Validation(self.model, job.folders["validation"], manifests["validation"], available)
        self.loop = TrainingLoop.of(job, fitting, feed, validation, distribution)

    def train(self) -> bool:
        return self.loop.run()

    def export(self, folder: Path) -> None:
        """Write the SavedModel in float32, whatever the precision of the training."""
        served = self._build("float32")
        served.set_weights(self.model.get_weights())
        export(served, folder)

    def _build(self, policy: str) -> keras.Model:
        settings = self._settings
        return build(self._pixels["mean"], self._pixels["deviation"], settings.dropout, policy, settings.seed)


def _optimizer(settings: Settings, total_steps: int, policy: str) -> keras.optimizers.Optimizer:
    schedule = OneCycle(settings.peak_learning_rate, total_steps, settings.warmup_fraction)
    adam = keras.optimizers.Adam(schedule, beta_2=settings.beta_2)
    return keras.optimizers.LossScaleOptimizer(adam) if policy == "mixed_float16" else adam
