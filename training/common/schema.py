"""The features of a data set's tf.train.Examples, in a form that a manifest can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from training.common.errors import JobError

TYPES = ("uint8", "bytes", "int64", "float32")


@dataclass(frozen=True)
class Feature:
    """One feature of a record.

    `type` is `uint8` (an array of `shape`, stored as its bytes, row by row), `bytes` (of any length, such as UTF-8
    text), `int64` or `float32` (one number). `meaning` is for people.
    """

    type: str
    meaning: str
    shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"a feature's type is one of {', '.join(TYPES)}, and not {self.type!r}")
        if (self.type == "uint8") != bool(self.shape):
            raise ValueError(f"uint8 has a shape, and nothing else has: {self.type} has {self.shape}")

    @property
    def fixed_bytes(self) -> int:
        """The bytes of a value as a tensor, without the content of `bytes`."""
        return {"uint8": math.prod(self.shape), "bytes": 0, "int64": 8, "float32": 4}[self.type]

    def __str__(self) -> str:
        return f"{self.type} [{', '.join(map(str, self.shape))}]" if self.shape else self.type


Schema = Mapping[str, Feature]


def require(split: str, found: Schema, expected: Schema) -> None:
    """Raise JobError unless the split holds every expected feature, of the expected type and shape."""
    for name, feature in expected.items():
        if name not in found:
            held = ", ".join(f"'{name}'" for name in found) or "none"
            raise JobError(f"The split '{split}' lacks the feature '{name}' ({feature}): it holds {held}.")
        if str(found[name]) != str(feature):
            raise JobError(f"The split '{split}' holds '{name}' as {found[name]}, and must hold it as {feature}.")


def from_json(content: Mapping[str, Mapping[str, object]]) -> dict[str, Feature]:
    """The schema as a manifest keeps it. Raises KeyError, TypeError or ValueError for anything else."""
    return {
        name: Feature(str(row["type"]), str(row["meaning"]), tuple(row["shape"]))  # type: ignore[arg-type]
        for name, row in content.items()
    }
