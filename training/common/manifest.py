"""The manifest beside a split's shards: what they hold, so that a job can tell a whole data set from a damaged one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from training.common.errors import JobError

NAME = "manifest.json"


@dataclass(frozen=True)
class Shard:
    """One TFRecord file of a split."""

    file: str
    records: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A split: its name, the features of its records, how many of each class, statistics of its pixels, its shards."""

    split: str
    schema: dict[str, str]
    shape: tuple[int, ...]
    classes: dict[str, int]
    pixels: dict[str, float]
    shards: tuple[Shard, ...]

    @property
    def records(self) -> int:
        """How many records all shards hold."""
        return sum(shard.records for shard in self.shards)

    @property
    def fingerprint(self) -> str:
        """One checksum for the whole split."""
        return hashlib.sha256("".join(shard.sha256 for shard in self.shards).encode()).hexdigest()

    def require(self, shape: tuple[int, ...], classes: int) -> None:
        """Raise JobError unless the split has records, all of this shape, all with labels below `classes`."""
        if not self.records:
            raise JobError(f"The split '{self.split}' is empty: there is nothing to read from its shards.")
        if self.shape != shape:
            raise JobError(f"The split '{self.split}' holds records of the shape {self.shape}, and must have {shape}.")
        known = {str(number) for number in range(classes)}
        outside = sorted(set(self.classes) - known)
        if outside:
            raise JobError(
                f"The split '{self.split}' holds the label {outside[0]}, and labels must be 0 to {classes - 1}."
            )

    def write(self, folder: Path) -> None:
        """Write manifest.json into the folder of the shards."""
        write_json(folder / NAME, asdict(self) | {"records": self.records})

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a folder, once every shard is there and has its checksum. Raises JobError."""
        manifest = cls._parse(folder / NAME)
        faults = [fault for shard in manifest.shards if (fault := _fault(folder, shard))]
        if faults:
            raise JobError(f"The split '{manifest.split}' is not what its manifest says: {'; '.join(faults)}.")
        return manifest

    @classmethod
    def _parse(cls, path: Path) -> Manifest:
        if not path.is_file():
            raise JobError(f"{path.parent} holds no {NAME}: the step prepare writes it beside the shards.")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            shards = tuple(Shard(row["file"], row["records"], row["sha256"]) for row in content["shards"])
            members = (content[name] for name in ("split", "schema", "shape", "classes", "pixels"))
            split, schema, shape, classes, pixels = members
            return cls(split, schema, tuple(shape), classes, pixels, shards)
        except (ValueError, KeyError, TypeError) as error:
            raise JobError(f"{path} is no manifest of a split ({type(error).__name__}: {error}).") from error


def write_json(path: Path, content: object) -> None:
    """Write JSON for people and programs: indented, keys in their order, a newline at the end."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _fault(folder: Path, shard: Shard) -> str | None:
    path = folder / shard.file
    if not path.is_file():
        return f"{shard.file} is missing"
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != shard.sha256:
        return f"{shard.file} has the checksum {found[:12]}… and should have {shard.sha256[:12]}…"
    return None
