"""Processing job: the rated snippets, or IMDB's archive, become the splits train, validation and test.

`python3 -m training.reviews_lstm.prepare` takes about 10 s for the 10,605 snippets, most of them for the
baseline, and imports no TensorFlow.
"""

from __future__ import annotations

from pathlib import Path

from training.common import failure
from training.common.container import Container
from training.common.errors import JobError
from training.common.manifest import write_data_set
from training.common.shard_writer import write_split
from training.reviews_lstm import baseline, imdb, snippets
from training.reviews_lstm.settings import SCHEMA

SOURCES = {snippets.FILE: snippets, imdb.FILE: imdb}


def main(container: Container) -> None:
    """Read, check, split, write. Raises JobError for files that are missing, damaged or ambiguous."""
    raw, prepared = container.processing_input("raw"), container.processing_output("prepared")
    path = source_in(raw)
    source = SOURCES[path.name]
    manifests, splits = [], source.read(path)
    for split, reviews in splits.items():
        columns = {
            "text": [review.text.encode() for review in reviews],
            "label": [review.label for review in reviews],
            "rating": [review.rating for review in reviews],
        }
        manifest = write_split(prepared / split, split, columns, SCHEMA, source.ORIGIN)
        print(f"{split}: {manifest.records} records in {len(manifest.shards)} shards", flush=True)
        manifests.append(manifest)
    write_data_set(prepared, manifests)
    baseline.write(prepared / "test", splits["train"], splits["test"])


def source_in(raw: Path) -> Path:
    """The one file that a data set is made from. Raises JobError unless there is exactly one that is known."""
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
