"""Records as TFRecord shards with manifests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from training.common import examples, tfrecords
from training.common.errors import JobError
from training.common.manifest import Manifest, Origin, Shard, write_data_set
from training.common.progress import Progress
from training.common.schema import Schema
from training.common.statistics import class_counts, describe

RECORDS_A_SHARD = 10_000
Columns = Mapping[str, Sequence[Any] | np.ndarray]
"""One value for each record, by feature: arrays uint8 [records, *shape], sequences of bytes, or of numbers."""


def write_splits(folder: Path, splits: Mapping[str, Columns], schema: Schema, origin: Origin) -> None:
    """Write every split into its own folder, and the data set's manifest above them.

    Prints the number of records and shards. Raises JobError for a split without records.
    """
    manifests = []
    for split, columns in splits.items():
        manifest = write_split(folder / split, split, columns, schema, origin)
        print(f"{split}: {manifest.records} records in {len(manifest.shards)} shards", flush=True)
        manifests.append(manifest)
    write_data_set(folder, manifests)


def write_split(folder: Path, split: str, columns: Columns, schema: Schema, origin: Origin) -> Manifest:
    """Write the shards and the manifest of one split, in the order of its records.

    Raises JobError for a split without records.
    """
    count = len(next(iter(columns.values())))
    if not count:
        raise JobError(f"The split '{split}' would be empty: {origin.split_rule}.")
    folder.mkdir(parents=True, exist_ok=True)
    total = -(-count // RECORDS_A_SHARD)
    progress = Progress(f"{split}_records", count)
    shards = []
    for number, part in enumerate(np.array_split(np.arange(count), total)):
        rows = slice(int(part[0]), int(part[-1]) + 1)
        content = tfrecords.records(examples.encode({name: column[rows] for name, column in columns.items()}, schema))
        name = f"{split}-{number:05d}-of-{total:05d}.tfrecord"
        (folder / name).write_bytes(content)
        shards.append(Shard(name, len(part), hashlib.sha256(content).hexdigest()))
        progress.advance(len(part))
    statistics = {name: found for name, feature in schema.items() if (found := describe(feature, columns[name]))}
    classes = class_counts(columns["label"]) if "label" in schema else {}
    manifest = Manifest(split, dict(schema), classes, statistics, tuple(shards), **asdict(origin))
    manifest.write(folder)
    return manifest
