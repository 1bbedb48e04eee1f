"""Images per CPU second of GAN training: the reference eager loop against our compiled step, in one process.

    python -m benchmarks.gan_training_rate [--seconds N]

The two networks differ: ours is a smaller DCGAN, so the ratio holds its architecture, its batch and its compiled loop
together. Beside it stands ours at the reference's batch of 32. CPU seconds, because other work disturbs them least.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

REFERENCE_BATCH = 32


def reference_step() -> Callable[[], int]:
    """One eager step of the reference code, its mistakes mended; the images that it sees."""
    import keras
    import tensorflow as tf

    layers = keras.layers
    generator = keras.Sequential([keras.Input((100,)), layers.Dense(7 * 7 * 256, use_bias=False), *_normed(layers)])
    generator.add(layers.Reshape((7, 7, 256)))
    for channels, stride in ((128, 1), (64, 2)):
        generator.add(layers.Conv2DTranspose(channels, 5, stride, "same", use_bias=False))
        for layer in _normed(layers):
            generator.add(layer)
    generator.add(layers.Conv2DTranspose(1, 5, 2, "same", use_bias=False, activation="tanh"))
    discriminator = keras.Sequential([keras.Input((28, 28, 1))])
    for channels in (64, 128):
        for layer in (layers.Conv2D(channels, 5, 2, "same"), layers.LeakyReLU(), layers.Dropout(0.3)):
            discriminator.add(layer)
    discriminator.add(layers.Flatten())
    discriminator.add(layers.Dense(1))
    optimizers = [keras.optimizers.RMSprop(8e-4), keras.optimizers.RMSprop(8e-4)]
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    real = tf.random.uniform([REFERENCE_BATCH, 28, 28, 1], -1, 1)

    def step() -> int:
        with tf.GradientTape() as drawing, tf.GradientTape() as judging:
            drawn = generator(tf.random.normal([REFERENCE_BATCH, 100]), training=True)
            of_real, of_drawn = discriminator(real, training=True), discriminator(drawn, training=True)
            generator_loss = entropy(tf.ones_like(of_drawn), of_drawn)
            loss = entropy(tf.ones_like(of_real), of_real) + entropy(tf.zeros_like(of_drawn), of_drawn)
        for tape, lost, model, optimizer in (
            (drawing, generator_loss, generator, optimizers[0]),
            (judging, loss, discriminator, optimizers[1]),
        ):
            optimizer.apply_gradients(
                zip(tape.gradient(lost, model.trainable_variables), model.trainable_variables, strict=True)
            )
        return REFERENCE_BATCH

    return step


def _normed(layers: Any) -> list[Any]:
    return [layers.BatchNormalization(), layers.LeakyReLU()]


def our_step(batch_size: int) -> Callable[[], int]:
    """A chunk of eight steps of the training job's loop; the images that it sees."""
    import tensorflow as tf

    from training.common.cluster import Cluster
    from training.common.distribution import distribute
    from training.digits_gan.fitting import AdversarialFitting
    from training.digits_gan.settings import Settings

    settings = Settings.parse({"batch_size": str(batch_size)})
    fitting = AdversarialFitting(settings, distribute(Cluster(), batch_size))
    count = 8 * batch_size
    images = tf.cast(tf.random.uniform([count, 28, 28], 0, 256, tf.int32), tf.uint8)
    labels = tf.zeros([count], tf.int64)

    def step() -> int:
        fitting.run(images, labels)
        return count

    return step


def rate(step: Callable[[], int], seconds: float) -> float:
    """Images per CPU second, after one step that compiles."""
    step()
    began, images = time.process_time(), 0
    while time.process_time() - began < seconds:
        images += step()
    return images / (time.process_time() - began)


def main() -> None:
    """Print the rates and their ratios."""
    parser = argparse.ArgumentParser(description="GAN training, images per CPU second against the reference loop.")
    parser.add_argument("--seconds", type=float, default=20, help="CPU seconds for each measurement.")
    seconds = parser.parse_args().seconds
    sides = {"reference": reference_step(), "ours at batch 32": our_step(REFERENCE_BATCH), "ours": our_step(128)}
    rates = {name: rate(step, seconds) for name, step in sides.items()}
    for name, value in rates.items():
        print(f"{name:>16}: {value:8.1f} images per CPU second  x{value / rates['reference']:.2f}", flush=True)


if __name__ == "__main__":
    main()
