"""Sheets of samples from the same latent vectors, over the course of the training."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import tensorflow as tf

from training.common.report.pictures import png
from training.digits_gan.algorithm import DATA

ROWS, COLUMNS = 4, 10
MOST_SHEETS = 24
FOLDER = "samples"


def sheet(images: np.ndarray, columns: int = COLUMNS) -> np.ndarray:
    """Images uint8 [n, 28, 28] as one picture, row by row; the last row is filled with black."""
    rows = -(-len(images) // columns)
    filled = np.zeros((rows * columns, *DATA.shape), np.uint8)
    filled[: len(images)] = images
    height, width = DATA.shape
    return filled.reshape(rows, columns, height, width).transpose(0, 2, 1, 3).reshape(rows * height, columns * width)


class Samples:
    """One sheet for each epoch, at most MOST_SHEETS, in variables that checkpoints hold.

    The `step` of a sheet is 0 until it is drawn.
    """

    def __init__(self, steps_per_epoch: int, total_steps: int) -> None:
        epochs = math.ceil(total_steps / steps_per_epoch)
        self._every = math.ceil(epochs / MOST_SHEETS) * steps_per_epoch
        self._total_steps = total_steps
        count = math.ceil(total_steps / self._every)
        height, width = DATA.shape
        self._sheets = tf.Variable(tf.zeros([count, ROWS * height, COLUMNS * width], tf.uint8), trainable=False)
        self._steps = tf.Variable(tf.zeros([count], tf.int64), trainable=False)

    def variables(self) -> list[tf.Variable]:
        """The state that a checkpoint must hold."""
        return [self._sheets, self._steps]

    def wanted(self, step: int) -> bool:
        """Decide whether this step gets a sheet."""
        return step % self._every == 0 or step == self._total_steps

    def keep(self, images: np.ndarray, step: int) -> None:
        """Keep ROWS x COLUMNS images uint8 as the sheet of a step."""
        place = math.ceil(step / self._every) - 1
        self._sheets.scatter_nd_update([[place]], sheet(images)[None])
        self._steps.scatter_nd_update([[place]], [step])

    def write(self, folder: Path) -> None:
        """Write PNG files `step-0000000123.png`."""
        folder.mkdir(parents=True, exist_ok=True)
        for content, step in zip(self._sheets.numpy(), self._steps.numpy(), strict=True):
            if step:
                (folder / f"step-{step:010d}.png").write_bytes(png(content))
