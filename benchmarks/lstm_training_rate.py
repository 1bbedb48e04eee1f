"""Reviews per second in training: the reference LSTM in Keras against ours of the same size, in one run.

    python -m benchmarks.lstm_training_rate [--rounds N]

Both have 10,000 words, vectors of 32, one LSTM of 128 forwards, dropout 0.5 and Adam. The reference is Keras `fit` at
batch 32 on reviews padded to 200 words; ours is what the training job runs (its network, feed and fitting) at batch
256. "full" are reviews of 200 words each, which no trimming helps; "mixed" have lengths like IMDB's, cut off at 200.
Rounds alternate, so that a machine that slows down favours nobody. FLOP/s count the products of the LSTM, at 200 words
a review, against those of a large matrix product.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

RESULT = Path(__file__).resolve().parents[1] / "build" / "benchmarks" / "lstm_training_rate.json"
LENGTH, WORDS, EMBEDDING, UNITS = 200, 10_000, 32, 128
REFERENCE_BATCH, BATCH = 32, 256
REFERENCE_REVIEWS, REVIEWS = 320, 2048
FLOP_A_REVIEW = 3 * 2 * LENGTH * (EMBEDDING + UNITS) * 4 * UNITS
"""One pass forwards and two as expensive ones backwards."""


def lengths(kind: str) -> np.ndarray:
    """Words of each review: IMDB's have a median of 174, and a long tail."""
    if kind == "full":
        return np.full(REVIEWS, LENGTH)
    drawn = np.random.default_rng(0).lognormal(np.log(174), 0.63, REVIEWS)
    return np.clip(drawn.astype(int), 10, LENGTH)


def padded(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Word numbers int32 [reviews, 200] and labels float32."""
    random = np.random.default_rng(1)
    numbers = random.integers(2, WORDS, (REVIEWS, LENGTH)).astype(np.int32)
    numbers[np.arange(LENGTH)[None] >= lengths(kind)[:, None]] = 0
    return numbers, random.integers(0, 2, REVIEWS).astype(np.float32)


def reference(numbers: np.ndarray, labels: np.ndarray) -> Callable[[], int]:
    """Trains on some reviews, and tells how many."""
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
    """One epoch of the job's own feed and fitting; a word's second number, of its beginning, is left unknown."""
    import keras

    from training.common.cluster import Cluster
    from training.common.distribution import Share, distribute
    from training.reviews_lstm.feed import ReviewFeed
    from training.reviews_lstm.fitting import ReviewFitting
    from training.reviews_lstm.model import Network, Shape
    from training.reviews_lstm.settings import Settings

    settings = Settings.parse({"batch_size": str(BATCH), "word_dropout": "0", "embedding_dropout": "0"})
    distribution = distribute(Cluster(("algo-1",), "algo-1"), BATCH)
    network = Network(Shape(WORDS, EMBEDDING, UNITS, directions=1), seed=0)
    optimizer = keras.optimizers.Adam()
    optimizer.build(network.trainable_variables)
    fitting = ReviewFitting(network, optimizer, settings, distribution)
    feed = ReviewFeed(np.stack([numbers, np.minimum(numbers, 1)], 2), labels, BATCH, 0, Share())

    def run() -> int:
        step = 0
        while step < feed.steps_per_epoch:
            chunk = feed.take(0, step, 1)
            fitting.run(*chunk.tensors)
            step += chunk.steps
        return step * BATCH

    return run


def clocked(run: Callable[[], int]) -> dict[str, float]:
    """Reviews a second, and a CPU second."""
    wall, cpu = time.perf_counter(), time.process_time()
    count = run()
    return {"per_second": count / (time.perf_counter() - wall), "per_cpu_second": count / (time.process_time() - cpu)}


def matrix_product() -> float:
    """FLOP a CPU second of a large product."""
    import tensorflow as tf

    size = 3000
    matrix = tf.random.normal([size, size])
    tf.matmul(matrix, matrix).numpy()
    began = time.process_time()
    for _ in range(3):
        tf.matmul(matrix, matrix).numpy()
    return 3 * 2 * size**3 / (time.process_time() - began)


def measure(rounds: int) -> dict[str, Any]:
    """The medians of all rounds, by kind of reviews and side."""
    limit, found = matrix_product(), {}
    for kind in ("full", "mixed"):
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
        share = medians["ours"]["per_cpu_second"] * FLOP_A_REVIEW / limit
        found[kind] = {"medians": medians, "ratios": ratios, "share_of_matrix_product": share}
    return {"matrix_product_flop_per_cpu_second": limit, "kinds": found}


def main() -> None:
    """Print the comparison and write it to build/benchmarks/."""
    parser = argparse.ArgumentParser(description="Reviews per second in training, the reference LSTM against ours.")
    parser.add_argument("--rounds", type=int, default=3)
    result = measure(max(1, parser.parse_args().rounds))
    for kind, each in result["kinds"].items():
        for side, values in each["medians"].items():
            rates = f"{values['per_second']:6.0f} a second, {values['per_cpu_second']:6.0f} a CPU second"
            print(f"{kind:>6} {side:>9}: {rates}")
        ratios = f"x{each['ratios']['per_second']:.2f}, x{each['ratios']['per_cpu_second']:.2f} by CPU"
        print(f"{kind:>6}     ratio: {ratios}; {each['share_of_matrix_product']:.0%} of a matrix product's FLOP/s")
    if importlib.util.find_spec("torch") is None:
        print("PyTorch, the peer, is not installed here.")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result | {"cpus": os.cpu_count()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
