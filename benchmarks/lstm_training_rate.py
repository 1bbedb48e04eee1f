"""Reviews per second in training: the reference LSTM in Keras against ours of the same size, in one run.

    python -m benchmarks.lstm_training_rate [--rounds N]

Both have 10,000 words, dropout 0.5 and Adam. The reference has vectors of 32 and one LSTM of 128 forwards, in Keras
`fit` at batch 32 on reviews padded to 200 words. Ours is what the training job runs (its network, feed and fitting) at
batch 256: the declared members, each of half the width (vectors of 16, frames of 32, an LSTM of 64 forwards). "full"
are reviews of 200 words each, which trimming does not help; "mixed" have lengths like IMDB's, cut off at 200
(log-normal, median 174, sigma 0.63); "snippets" have those of the data set of models/reviews-lstm.toml, if `make
install` has fetched it. The reference pads these to 200, too, so they show the effect of trimming and not a faster
network. Rounds alternate, so that a slowing machine favours neither side. FLOP/s count the products of our convolutions
over words and LSTMs over frames, padding included, against those of a large matrix product. If `make bench-peer` has
installed PyTorch, it trains full reviews at batch 256.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.conditions import Conditions
from benchmarks.peer import pytorch_rate
from benchmarks.results import write
from benchmarks.training_jobs import received
from training.reviews_lstm import snippets
from training.reviews_lstm.feed import arrange
from training.reviews_lstm.model import FRAME, POLARITIES, WIDTH, Network, Shape

LENGTH, WORDS, EMBEDDING, UNITS = 200, 10_000, 32, 128
REFERENCE_BATCH, BATCH = 32, 256
REFERENCE_REVIEWS, REVIEWS = 320, 2048
HALF = 2
"""A member has the reference's width divided by it."""
SNIPPETS = Path(__file__).resolve().parents[1] / ".cache" / "reviews" / snippets.FILE


def lengths(kind: str) -> np.ndarray:
    """The number of words of each review; see the module."""
    if kind == "full":
        return np.full(REVIEWS, LENGTH)
    if kind == "snippets":
        train = snippets.read(SNIPPETS)["train"]
        return np.clip([len(review.text.split()) for review in train[:REVIEWS]], 1, LENGTH)
    drawn = np.random.default_rng(0).lognormal(np.log(174), 0.63, REVIEWS)
    return np.clip(drawn.astype(int), 10, LENGTH)


def padded(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Word numbers int32 [reviews, 200] and labels float32."""
    random = np.random.default_rng(1)
    numbers = random.integers(2, WORDS, (REVIEWS, LENGTH)).astype(np.int32)
    numbers[np.arange(LENGTH)[None] >= lengths(kind)[:, None]] = 0
    return numbers, random.integers(0, 2, REVIEWS).astype(np.float32)


def reference(numbers: np.ndarray, labels: np.ndarray) -> Callable[[], int]:
    """A function that trains the reference on some reviews and returns their number."""
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            layers.Embedding(WORDS, EMBEDDING),
            layers.LSTM(UNITS),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    some = (numbers[:REFERENCE_REVIEWS], labels[:REFERENCE_REVIEWS])

    def run() -> int:
        model.fit(*some, batch_size=REFERENCE_BATCH, verbose=0)
        return REFERENCE_REVIEWS

    return run


def ours(numbers: np.ndarray, labels: np.ndarray) -> Callable[[], int]:
    """One epoch of the job's feed and fitting, with beginnings and pairs of words unknown."""
    import keras

    from training.common.cluster import Cluster
    from training.common.distribution import Share, distribute
    from training.reviews_lstm.algorithm import Settings
    from training.reviews_lstm.feed import ReviewFeed, Reviews
    from training.reviews_lstm.fitting import ReviewFitting

    settings = Settings.parse(received("reviews_lstm", batch_size=BATCH, embedding_dropout=0))
    distribution = distribute(Cluster(("algo-1",), "algo-1"), BATCH)
    network = Network(shape(), seed=0)
    optimizer = keras.optimizers.Adam()
    optimizer.build(network.trainable_variables)
    fitting = ReviewFitting(network, optimizer, settings, distribution)
    unknown = np.minimum(numbers, 1)
    inputs = np.stack([numbers, unknown, unknown], 2)
    reviews = Reviews(inputs, (inputs / WORDS).astype(np.float32), labels)
    feed = ReviewFeed(reviews, BATCH, 0, Share())

    def run() -> int:
        step = 0
        while step < feed.steps_per_epoch:
            chunk = feed.take(0, step, 1)
            fitting.run(*chunk.tensors)
            step += chunk.steps
        return step * BATCH

    return run


def shape() -> Shape:
    """The sizes of our network."""
    members = int(received("reviews_lstm")["members"])
    return Shape(WORDS, EMBEDDING // HALF, EMBEDDING, UNITS // HALF, directions=1, members=members)


def flop_a_word() -> float:
    """FLOP of our products for a word in training: one pass forwards, and backwards the cost of two."""
    sizes = shape()
    convolution = WIDTH * (sizes.embedding + POLARITIES) * sizes.channels
    recurrence = (sizes.channels + sizes.units) * 4 * sizes.units / FRAME
    return 3 * 2 * sizes.members * (convolution + recurrence)


def computed_words(kind: str) -> float:
    """Words computed by ours per review in an epoch, including the padding."""
    return float(np.mean([length for _, length in arrange(lengths(kind), BATCH, 0, 0)]))


def clocked(run: Callable[[], int]) -> dict[str, float]:
    """Reviews per second, and per CPU second."""
    wall, cpu = time.perf_counter(), time.process_time()
    count = run()
    return {"per_second": count / (time.perf_counter() - wall), "per_cpu_second": count / (time.process_time() - cpu)}


def matrix_product() -> float:
    """FLOP per CPU second of a large product."""
    import tensorflow as tf

    size = 3000
    matrix = tf.random.normal([size, size])
    tf.matmul(matrix, matrix).numpy()
    began = time.process_time()
    for _ in range(3):
        tf.matmul(matrix, matrix).numpy()
    return 3 * 2 * size**3 / (time.process_time() - began)


def measure(rounds: int) -> dict[str, Any]:
    """The medians of all rounds by kind of reviews and side, and PyTorch's rate."""
    limit, found = matrix_product(), {}
    for kind in ("full", "mixed", *(["snippets"] if SNIPPETS.exists() else [])):
        data = padded(kind)
        sides = {"reference": reference(*data), "ours": ours(*data)}
        for run in sides.values():
            run()
        readings: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
        for number in range(rounds):
            for side in list(sides)[:: -1 if number % 2 else 1]:
                readings[side].append(clocked(sides[side]))
        medians = {
            side: {clock: statistics.median(each[clock] for each in values) for clock in values[0]}
            for side, values in readings.items()
        }
        ratios = {clock: medians["ours"][clock] / medians["reference"][clock] for clock in medians["ours"]}
        share = medians["ours"]["per_cpu_second"] * computed_words(kind) * flop_a_word() / limit
        found[kind] = {"medians": medians, "ratios": ratios, "share_of_matrix_product": share}
    return {"matrix_product_flop_per_cpu_second": limit, "kinds": found, "pytorch": pytorch_rate("lstm", BATCH, 4)}


def peer(result: dict[str, Any], conditions: Conditions) -> str:
    """A sentence on PyTorch's rate for full reviews."""
    found = result["pytorch"]
    if found is None:
        return "PyTorch, the peer, is not installed: `make bench-peer` installs it."
    reference = result["kinds"]["full"]["medians"]["reference"]
    by_cpu = 1e6 / found["cpu_microseconds"]
    rates = f"{found['per_second']:6.0f} a second, {by_cpu:6.0f} a CPU second"
    by_clock = conditions.times(found["per_second"] / reference["per_second"], 2)
    ratios = f"{by_clock}, {conditions.times(by_cpu / reference['per_cpu_second'], 2)} by CPU"
    return f"    full   PyTorch: {rates}; {ratios} ({found['format']})"


def main() -> None:
    """Print the comparison and write it to build/benchmarks/."""
    parser = argparse.ArgumentParser(description="Reviews per second in training, the reference LSTM against ours.")
    parser.add_argument("--rounds", type=int, default=3)
    rounds = max(1, parser.parse_args().rounds)
    with Conditions() as conditions:
        result = measure(rounds)
    for kind, each in result["kinds"].items():
        for side, values in each["medians"].items():
            rates = f"{values['per_second']:6.0f} a second, {values['per_cpu_second']:6.0f} a CPU second"
            print(f"{kind:>8} {side:>9}: {rates}")
        by_clock, by_cpu = (conditions.times(each["ratios"][clock], 2) for clock in ("per_second", "per_cpu_second"))
        share = conditions.percent(each["share_of_matrix_product"])
        print(f"{kind:>8}     ratio: {by_clock}, {by_cpu} by CPU; {share} of a matrix product's FLOP/s")
    print(peer(result, conditions))
    write("lstm_training_rate", result, conditions)


if __name__ == "__main__":
    main()
