"""The tables of the packages in AWS's images, by the name of an image's repository.

Each is a file in `tables/`, with its source at the top: distribution, version and import names in a line.
"""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass

_FOLDER = pathlib.Path(__file__).with_name("tables")
TABLES = tuple(sorted(path.stem for path in _FOLDER.glob("*.txt")))
"""The repositories with a table."""
PACKAGES = (
    f"the packages that AWS's image holds ({', '.join(f'`{name}`' for name in TABLES)}), in the versions of IMAGES.md; "
    "for another image all that are installed"
)
"""The coverage page's words about containers."""
UNKNOWN = "-"
"""The version of a distribution that AWS's sources name without one."""
_ALIASES = {"tensorflow": "tensorflow-cpu"}
"""Distributions with the modules of another: a machine without a wheel of `tensorflow-cpu` has `tensorflow`."""


@dataclass(frozen=True)
class Distribution:
    """One distribution that an image holds."""

    name: str
    version: str
    modules: tuple[str, ...]
    """Its import names; those in a namespace with a dot, such as google.protobuf."""

    @property
    def requirement(self) -> str:
        """The text for pip."""
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Table:
    """The packages of one image."""

    repository: str
    text: str
    distributions: Mapping[str, Distribution]

    def holds(self, distribution: str) -> bool:
        """Tell whether the image holds a distribution, by its normalized name."""
        return self.name_of(distribution) in self.distributions

    @staticmethod
    def name_of(distribution: str) -> str:
        """The table's name for a distribution."""
        return _ALIASES.get(distribution, distribution)

    def modules(self) -> frozenset[str]:
        """The import names, those in a namespace with a dot."""
        return frozenset(module for each in self.distributions.values() for module in each.modules)


def table_of(image: str) -> Table | None:
    """The table of an image, by the last part of its path. None for an unknown image."""
    repository = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    return _table(repository) if repository in TABLES else None


@functools.cache
def _table(repository: str) -> Table:
    text = (_FOLDER / f"{repository}.txt").read_text()
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return Table(repository, text, {name: Distribution(name, version, tuple(rest)) for name, version, *rest in rows})
