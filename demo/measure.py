"""An endpoint's accuracy on the test images, and its latency."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
from PIL import Image

from operations.aws.connection import Connection
from operations.deployed.predictions import predict

BATCH, REQUESTS, WARM_UPS = 100, 500, 20


@dataclass(frozen=True)
class Latency:
    """Milliseconds from the call to the parsed answer, of `requests` requests one after the other."""

    requests: int
    p50: float
    p99: float


def classify(
    connection: Connection, model: str, images: np.ndarray, progress: Callable[[int, int], None]
) -> np.ndarray:
    """The predicted classes int [n] of images uint8 [n, 28, 28]; each request has 100."""
    predicted: list[int] = []
    for start in range(0, len(images), BATCH):
        answers = predict(connection, model, npy(images[start : start + BATCH]), "application/x-npy")
        predicted += [answer["class"] for answer in answers]
        progress(len(predicted), len(images))
    return np.array(predicted)


def latency(connection: Connection, model: str, images: np.ndarray, progress: Callable[[int, int], None]) -> Latency:
    """The latency of single-PNG requests, after some warm-up requests."""
    bodies = list(islice(cycle([png(image) for image in images[:REQUESTS]]), WARM_UPS + REQUESTS))
    samples = []
    for done, milliseconds in enumerate(_timed(connection, model, bodies), 1):
        samples.append(milliseconds)
        progress(done, len(bodies))
    measured = samples[WARM_UPS:]
    return Latency(len(measured), percentile(measured, 50), percentile(measured, 99))


def percentile(samples: Sequence[float], percent: float) -> float:
    """The percentile of some samples, by nearest rank. Raises ``ValueError`` without samples."""
    if not samples:
        raise ValueError("there is no percentile of no samples")
    return sorted(samples)[max(math.ceil(len(samples) * percent / 100), 1) - 1]


def npy(images: np.ndarray) -> bytes:
    """An array as the body of an application/x-npy request."""
    file = io.BytesIO()
    np.save(file, images, allow_pickle=False)
    return file.getvalue()


def png(image: np.ndarray) -> bytes:
    """One image uint8 [28, 28] as the body of an image/png request."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def _timed(connection: Connection, model: str, bodies: list[bytes]) -> Iterator[float]:
    for body in bodies:
        start = time.perf_counter()
        predict(connection, model, body, "image/png")
        yield (time.perf_counter() - start) * 1000
