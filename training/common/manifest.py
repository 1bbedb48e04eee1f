"""The manifest beside a split's shards, by which a job detects a damaged data set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from training.common import schema as schemas
from training.common.errors import JobError
from training.common.progress import Progress
from training.common.schema import Feature, Schema

NAME = "manifest.json"


@dataclass(frozen=True)
class Shard:
    """One TFRecord file of a split."""

    file: str
    records: int
    sha256: str


@dataclass(frozen=True)
class Origin:
    """The source and licence of a data set, and the rule that splits its records."""

    source: str
    licence: str
    split_rule: str


@dataclass(frozen=True)
class Manifest:
    """A split: name, features, records of each class, statistics by feature, shards, origin.

    The keys of `classes` are the class numbers as text.
    """

    split: str
    schema: dict[str, Feature]
    classes: dict[str, int]
    statistics: dict[str, dict[str, float]]
    shards: tuple[Shard, ...]
    source: str
    licence: str
    split_rule: str

    @property
    def records(self) -> int:
        """The number of records in all shards."""
        return sum(shard.records for shard in self.shards)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the feature `image`; only for a split that has it."""
        return self.schema["image"].shape

    @property
    def fingerprint(self) -> str:
        """One checksum for the whole split."""
        return hashlib.sha256("".join(shard.sha256 for shard in self.shards).encode()).hexdigest()

    def require(self, schema: Schema, classes: int) -> None:
        """Raise JobError unless the split has records with these features and labels below `classes`."""
        if not self.records:
            raise JobError(f"The split '{self.split}' is empty: there is nothing to read from its shards.")
        schemas.require(self.split, self.schema, schema)
        known = {str(number) for number in range(classes)}
        outside = sorted(set(self.classes) - known)
        if outside:
            raise JobError(
                f"The split '{self.split}' holds the label {outside[0]}, and labels must be 0 to {classes - 1}."
            )

    def as_json(self) -> dict[str, object]:
        """The content of manifest.json."""
        return asdict(self) | {"records": self.records}

    def write(self, folder: Path) -> None:
        """Write manifest.json into the folder of the shards."""
        write_json(folder / NAME, self.as_json())

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read a folder's manifest and verify every shard's checksum. Raises JobError."""
        manifest = cls._parse(folder / NAME)
        progress = Progress(f"{manifest.split}_shards", len(manifest.shards))
        problems = []
        for shard in manifest.shards:
            problems += _problems(folder, shard)
            progress.advance(1)
        if problems:
            raise JobError(f"The split '{manifest.split}' differs from its manifest: {'; '.join(problems)}.")
        return manifest

    @classmethod
    def _parse(cls, path: Path) -> Manifest:
        if not path.is_file():
            raise JobError(f"{path.parent} holds no {NAME}: the step prepare writes it beside the shards.")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            shards = tuple(Shard(row["file"], row["records"], row["sha256"]) for row in content["shards"])
            manifest = cls(
                content["split"],
                schemas.from_json(content["schema"]),
                content["classes"],
                content["statistics"],
                shards,
                *(content[name] for name in ("source", "licence", "split_rule")),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise JobError(f"{path} is not a manifest of a split ({type(error).__name__}: {error}).") from error
        if manifest.classes and sum(manifest.classes.values()) != manifest.records:
            counted = sum(manifest.classes.values())
            raise JobError(f"{path} contradicts itself: {counted} records by class, {manifest.records} in the shards.")
        return manifest


def write_data_set(folder: Path, manifests: Iterable[Manifest]) -> None:
    """Write the data set's manifest: its origin, and the manifest of every split by name."""
    splits = {manifest.split: manifest for manifest in manifests}
    one = next(iter(splits.values()))
    origin = Origin(one.source, one.licence, one.split_rule)
    write_json(folder / NAME, asdict(origin) | {"splits": {name: each.as_json() for name, each in splits.items()}})


def write_json(path: Path, content: object) -> None:
    """Write indented JSON with the keys in their order and a newline at the end."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _problems(folder: Path, shard: Shard) -> list[str]:
    path = folder / shard.file
    if not path.is_file():
        return [f"{shard.file} is missing"]
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != shard.sha256:
        return [f"{shard.file} has the checksum {found[:12]}… and should have {shard.sha256[:12]}…"]
    return []
