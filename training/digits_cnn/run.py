"""One training run of digits-cnn: its network, optimizer, data and checkpoints put together."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from training.common import memory
from training.common.checkpoints import Checkpoints
from training.common.container import Container
from training.common.feed import open_feed
from training.common.fitting import Fitting
from training.common.interruption import Interruption
from training.common.manifest import Manifest
from training.common.precision import choose, cpu_flags
from training.common.precision_trial import bfloat16_speed
from training.common.schedule import OneCycle
from training.common.training_loop import TrainingLoop
from training.common.validation import Validation
from training.digits_cnn.export import export
from training.digits_cnn.model import build
from training.digits_cnn.settings import Settings


class Run:
    """A run of the settings on the splits `train` and `validation`, each a folder and its manifest."""

    def __init__(
        self,
        container: Container,
        settings: Settings,
        folders: dict[str, Path],
        manifests: dict[str, Manifest],
        interruption: Interruption,
    ) -> None:
        self._settings, self._pixels = settings, manifests["train"].statistics["image"]
        gpus = len(tf.config.list_physical_devices("GPU"))
        chosen = choose(settings.precision, gpus, cpu_flags(), bfloat16_speed)
        print(f"precision {chosen.policy}: {chosen.reason}", flush=True)
        available = memory.available_bytes()
        feed = open_feed(folders["train"], manifests["train"], settings.batch_size, settings.seed, available)
        total_steps = settings.total_steps(feed.steps_per_epoch)
        self.model = self._build(chosen.policy)
        fitting = Fitting(self.model, _optimizer(settings, total_steps, chosen.policy), settings.batch_size)
        self._checkpoints = Checkpoints(
            container.checkpoints,
            fitting.variables(),
            settings.identity() | {split: manifest.fingerprint for split, manifest in manifests.items()},
        )
        validation = Validation(self.model, folders["validation"], manifests["validation"], available)
        self._loop = TrainingLoop(
            fitting, feed, self._checkpoints, interruption, validation, total_steps, settings.checkpoint_seconds
        )

    def train(self) -> bool:
        """Train from the newest usable checkpoint, or from the start. False when SIGTERM cut it short."""
        step = self._checkpoints.restore()
        print(f"training from step {step} to {self._loop.total_steps}", flush=True)
        return self._loop.run(step)

    def export(self, folder: Path) -> None:
        """Write the SavedModel, in float32 whatever precision it was trained in."""
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
