"""A small artificial data set of reviews, with real jobs once a run."""

from __future__ import annotations

import json
import random
import tarfile
import tempfile
from pathlib import Path

from declared_values import received
from once import once

from training.common.container import Container
from training.reviews_lstm import evaluate, prepare, train
from training.reviews_lstm.snippets import FILE

ROOT = Path(__file__).resolve().parents[2]
REVIEWS = 700
PRAISE = ["wonderful", "touching", "brilliant", "delightful", "gripping", "funny", "warm", "superb"]
BLAME = ["dull", "boring", "awful", "clumsy", "lifeless", "tedious", "stale", "shallow"]
FILLER = [
    "the",
    "film",
    "a",
    "plot",
    "its",
    "cast",
    "with",
    "story",
    "scenes",
    "and",
    "one",
    "of",
    "music",
    "director",
    "end",
]
HYPERPARAMETERS = {
    "epochs": 6,
    "batch_size": 32,
    "members": 2,
    "embedding": 8,
    "channels": 8,
    "units": 8,
    "peak_learning_rate": 0.02,
}


def snippet(number: int) -> tuple[float, str]:
    """A rating and a text with a majority of words of one kind."""
    chosen = random.Random(number)
    kind, rating = (PRAISE, 2.0) if number % 2 else (BLAME, -2.0)
    words = chosen.choices(FILLER, k=chosen.randint(2, 20)) + chosen.choices(kind, k=2)
    chosen.shuffle(words)
    return rating + chosen.uniform(-1, 1), f"{' '.join(words)} {number % 9}"


def lines(count: int = REVIEWS) -> bytes:
    """The data set's file in the format of VADER's authors."""
    rows = [(number, *snippet(number)) for number in range(1, count + 1)]
    return "".join(f"{number}\t{rating:.4f}\t{text}\r\n" for number, rating, text in rows).encode()


def processing_job(base: Path, files: dict[str, bytes]) -> Container:
    """A processing job with the files in its input `raw`."""
    raw = base / "processing" / "input" / "raw"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)
    return Container(base)


def training_job(base: Path, **changes: str) -> Container:
    """A training job on the prepared splits."""
    for folder in ("config", "data"):
        (base / "input" / folder).mkdir(parents=True)
    for split in ("train", "validation"):
        (base / "input" / "data" / split).symlink_to(prepared() / split)
    hyperparameters = received("reviews_lstm", **HYPERPARAMETERS | changes)
    (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    return Container(base)


def prepared() -> Path:
    """The prepared splits."""
    return once("reviews-prepared", _prepare) / "processing" / "output" / "prepared"


def trained() -> Path:
    """The base folder of a finished training job; its model lies below `model`."""
    return once("reviews-trained", lambda base: train.main(training_job(base)))


def evaluated() -> Path:
    """The output of the evaluation of the trained model."""
    return once("reviews-evaluated", _evaluate) / "processing" / "output" / "evaluation"


def _prepare(base: Path) -> None:
    prepare.main(processing_job(base, {FILE: lines()}))


def _evaluate(base: Path) -> None:
    model = base / "processing" / "input" / "model"
    model.mkdir(parents=True)
    with tarfile.open(model / "model.tar.gz", "w:gz") as tar:
        tar.add(trained() / "model", ".")
    (model.parent / "test").symlink_to(prepared() / "test")
    evaluate.main(Container(base))


# Kept alive here: a folder is removed when its object goes, at the end of the process.
_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def folder() -> Path:
    """An empty folder that lives as long as the process."""
    _FOLDERS.append(tempfile.TemporaryDirectory(prefix="reviews-"))
    return Path(_FOLDERS[-1].name)
