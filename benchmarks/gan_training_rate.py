"""Images a second of GAN training: the reference eager loop against our compiled step, in one process.

    python -m benchmarks.gan_training_rate [--rounds N] [--seconds N]

The networks differ: ours are told the class, and work on few pixels of many channels. So the ratio combines
architecture, batch and compiled loop. Ours is also measured at the reference's batch of 32.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.conditions import Conditions
from benchmarks.peer import pytorch_rate
from benchmarks.processor import matrix_product_flops
from benchmarks.results import write
from benchmarks.training_jobs import received

REFERENCE_BATCH, BATCH = 32, 128
_DENSE, _GENERATOR = 74 * 49 * 128, 74 * 49 * 128 + 49 * 9 * 128 * 256 + 196 * 9 * 64 * 4
_FIRST, _DISCRIMINATOR = 49 * 16 * 4 * 64, 49 * 16 * 4 * 64 + 49 * 9 * 64 * 64 + 49 * 64 * 10
FLOP_AN_IMAGE = 2 * (3 * _GENERATOR - _DENSE + 2 * (3 * _DISCRIMINATOR - _FIRST) + 2 * _DISCRIMINATOR)
"""FLOP of a step: products and convolutions of the generator, of the discriminator on real and drawn images, and the
gradient through it to the generator. The first layers of a network that trains need no gradient by their inputs."""


def reference_step() -> Callable[[], int]:
    """One eager step of the corrected reference code, which returns the number of images."""
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
    """Eight steps of the training job's loop, which return the number of images."""
    import tensorflow as tf

    from training.common.cluster import Cluster
    from training.common.distribution import distribute
    from training.digits_gan.algorithm import Settings
    from training.digits_gan.fitting import AdversarialFitting

    settings = Settings.parse(received("digits_gan", batch_size=batch_size))
    fitting = AdversarialFitting(settings, distribute(Cluster(), batch_size))
    count = 8 * batch_size
    images = tf.cast(tf.random.uniform([count, 28, 28], 0, 256, tf.int32), tf.uint8)
    labels = tf.zeros([count], tf.int64)

    def step() -> int:
        fitting.run(images, labels)
        return count

    return step


def clocked(step: Callable[[], int], seconds: float) -> dict[str, float]:
    """Images per second, and per CPU second."""
    wall, cpu, images = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - wall < seconds:
        images += step()
    spent = {"per_second": time.perf_counter() - wall, "per_cpu_second": time.process_time() - cpu}
    return {name: images / each for name, each in spent.items()}


def measure(rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """The medians of each side; rounds alternate, so that a slowing machine favours neither."""
    sides = {"reference": reference_step(), "ours at batch 32": our_step(REFERENCE_BATCH), "ours": our_step(BATCH)}
    for step in sides.values():
        step()  # compiles
    found: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, step in sides.items():
            found[name].append(clocked(step, seconds))
    return {
        name: {clock: statistics.median(each[clock] for each in measured) for clock in measured[0]}
        for name, measured in found.items()
    }


def main() -> None:
    """Print the rates and their ratios, and write them to build/benchmarks/."""
    parser = argparse.ArgumentParser(description="GAN training, images a second against the reference loop.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="For each side in each round.")
    arguments = parser.parse_args()
    with Conditions() as conditions:
        rates = measure(arguments.rounds, arguments.seconds)
        share = rates["ours"]["per_second"] * FLOP_AN_IMAGE / matrix_product_flops()
        peer = pytorch_rate("gan")
    for name, rate in (rates | ({"PyTorch": peer} if peer else {})).items():
        ratio = conditions.times(rate["per_second"] / rates["reference"]["per_second"])
        print(f"{name:>16}: {rate['per_second']:8.1f} images/s  {ratio}", flush=True)
    by_cpu = conditions.times(rates["ours"]["per_cpu_second"] / rates["reference"]["per_cpu_second"])
    print(f"{'':>16}  {by_cpu} by CPU seconds; {conditions.percent(share)} of a large matrix product's FLOP/s")
    result = {"rates": rates, "share_of_matrix_product": share, "pytorch": peer}
    write("gan_training_rate", result, conditions)


if __name__ == "__main__":
    main()
