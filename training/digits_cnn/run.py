"""One training run of digits-cnn: network, optimizer, data and checkpoints."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from training.common import background, memory
from training.common.distribution import distribute
from training.common.feed import open_feed
from training.common.fitting import ClassifierFitting
from training.common.precision import choose, cpu_flags
from training.common.precision_trial import bfloat16_speed
from training.common.schedule import OneCycle
from training.common.training_job import Job
from training.common.training_loop import TrainingLoop
from training.common.validation import ImageLogits, Validation
from training.digits_cnn.algorithm import Settings
from training.digits_cnn.export import Served
from training.digits_cnn.model import LOGITS, build

MOMENTUM, ADAM_SHARE, ITERATIONS = 0.7, 0.25, 3
"""Muon's momentum, its share of the learning rate for what Adam trains, and its Newton-Schulz iterations."""


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
            optimizer = make_optimizer(settings, settings.total_steps(feed.steps_per_epoch), chosen.policy)
            optimizer.build(self.model.trainable_variables)
        fitting = ClassifierFitting(self.model, optimizer, distribution, settings.label_smoothing)
        judged = ImageLogits(self.model, job.folders["validation"], manifests["validation"], available)
        self._validation = Validation(judged)
        self._exported = background.start(self._prepare_export)
        self.loop = TrainingLoop.of(job, fitting, feed, self._validation, distribution)

    def train(self) -> bool:
        return self.loop.run()

    def export(self, folder: Path) -> None:
        """Write the SavedModel in float32, whatever the precision of the training, with calibrated probabilities."""
        network, served = self._exported.result()
        network.set_weights(self.model.get_weights())
        factor = self._validation.factor()
        print(factor.said, flush=True)
        for variable in network.get_layer(LOGITS).variables:
            variable.assign(variable * factor.value)
        served.save(folder)

    def _prepare_export(self) -> tuple[keras.Model, Served]:
        network = self._build("float32")
        return network, Served(network)

    def _build(self, policy: str) -> keras.Model:
        return build(self._pixels, self._settings, policy)


def make_optimizer(settings: Settings, total_steps: int, policy: str) -> keras.optimizers.Optimizer:
    """Muon for all matrices but the last layer's, Adam for the rest.

    Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024).
    """
    muon = keras.optimizers.Muon(
        OneCycle(settings.peak_learning_rate, total_steps, settings.warmup_fraction),
        adam_beta_2=settings.beta_2,
        adam_lr_ratio=ADAM_SHARE,
        momentum=MOMENTUM,
        ns_steps=ITERATIONS,
        exclude_layers=[LOGITS],
        weight_decay=None,
        adam_weight_decay=None,
    )
    return keras.optimizers.LossScaleOptimizer(muon) if policy == "mixed_float16" else muon
