"""Processing job: convert the rated snippets, or IMDB's archive, into train, validation and test.

`python3 -m training.reviews_lstm.prepare` takes about 10 s for the 10,605 snippets, most of it for the baseline, and
imports no TensorFlow.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.common import failure
from training.common.container import Container
from training.common.errors import JobError
from training.common.shard_writer import Columns, write_splits
from training.reviews_lstm import baseline, imdb, snippets
from training.reviews_lstm.algorithm import SCHEMA
from training.reviews_lstm.review import Review

SOURCES = {snippets.FILE: snippets, imdb.FILE: imdb}


def main(container: Container) -> None:
    """Read, check, split, write. Raises JobError for missing, damaged or ambiguous files."""
    raw, prepared = container.processing_input("raw"), container.processing_output("prepared")
    path = source_in(raw)
    source = SOURCES[path.name]
    splits = source.read(path)
    write_splits(prepared, {split: _columns(reviews) for split, reviews in splits.items()}, SCHEMA, source.ORIGIN)
    baseline.write(prepared / "test", splits["train"], splits["test"])


def _columns(reviews: Sequence[Review]) -> Columns:
    return {
        "text": [review.text.encode() for review in reviews],
        "label": [review.label for review in reviews],
        "rating": [review.rating for review in reviews],
    }


def source_in(raw: Path) -> Path:
    """The source file of the data set. Raises JobError unless there is exactly one known file."""
    found = [raw / name for name in SOURCES if (raw / name).is_file()]
    if len(found) != 1:
        held = " and ".join(path.name for path in found) or "neither"
        raise JobError(
            f"The data set must hold one of {' and '.join(SOURCES)}, and holds {held}: list one of them in the model's "
            "[data] files, under a dataset name of its own."
        )
    return found[0]


if __name__ == "__main__":
    failure.run(main)
