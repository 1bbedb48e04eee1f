"""The one-cycle learning-rate schedule: up to a peak, then down to zero.

Source: Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates" (2018).
"""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Half a cosine from `peak / 25` to `peak`, then half a cosine to 0.

    `warmup` is the share of all steps before the peak.
    """

    def __init__(self, peak: float, total_steps: int, warmup: float) -> None:
        self.peak, self.total_steps, self.warmup = peak, total_steps, warmup

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """The learning rate of a step, a float32 scalar."""
        position = tf.cast(step, tf.float32)
        rising = max(1.0, self.warmup * self.total_steps)
        falling = max(1.0, self.total_steps - rising)
        start = self.peak / 25
        up = start + (self.peak - start) * (1 - tf.cos(math.pi * tf.minimum(position / rising, 1.0))) / 2
        down = self.peak * (1 + tf.cos(math.pi * tf.clip_by_value((position - rising) / falling, 0.0, 1.0))) / 2
        return tf.where(position < rising, up, down)

    def get_config(self) -> dict[str, Any]:
        """The arguments that build this schedule again."""
        return {"peak": self.peak, "total_steps": self.total_steps, "warmup": self.warmup}
