"""The distributions that are installed for a Python, by their metadata.

Source: PyPA, "Recording installed projects" (RECORD) and "Names and normalization".
"""

from __future__ import annotations

import csv
import importlib.metadata
import json
import os
import pathlib
import re
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement

_ASKED = (
    "import json, os, site, sys; base = os.path.realpath(getattr(sys, '_base_executable', sys.executable)); "
    "print(json.dumps([sys.executable, base, site.getsitepackages(), 'python%d.%d' % sys.version_info[:2]]))"
)


@dataclass(frozen=True)
class Python:
    """An interpreter, its base, the folders of its packages, and its name."""

    executable: str
    base: str
    packages: tuple[str, ...]
    name: str

    @classmethod
    def ask(cls, path: pathlib.Path) -> Python:
        """Ask the interpreter at a path."""
        command = [str(path), "-c", _ASKED]
        told = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=True)
        executable, base, packages, name = json.loads(told.stdout)
        return cls(executable, base, tuple(packages), name)

    @property
    def metadata(self) -> list[str]:
        """The names of the folders of metadata, which change with every installation."""
        return sorted(name for folder in self.packages for name in _listed(folder) if name.endswith(".dist-info"))


@dataclass(frozen=True)
class Installed:
    """One installed distribution."""

    name: str
    version: str
    folder: pathlib.Path
    """The folder of packages that it lies in."""
    requires: tuple[str, ...]
    files: tuple[tuple[str, ...], ...]
    """The parts of the paths of its files, from that folder."""


def installed(python: Python) -> dict[str, Installed]:
    """All distributions by normalized name. Of two with one name the first counts, as for an import."""
    found: dict[str, Installed] = {}
    for folder in python.packages:
        for each in importlib.metadata.distributions(path=[folder]):
            name = normal(each.metadata["Name"])
            found.setdefault(name, _read(name, pathlib.Path(folder), each))
    return found


def with_dependencies(names: Iterable[str], among: dict[str, Installed]) -> set[str]:
    """The installed ones of these names, and all that they need without extras."""
    wanted, known = list(names), set[str]()
    while wanted:
        name = wanted.pop()
        if name in known or name not in among:
            continue
        known.add(name)
        wanted += among[name].requires
    return known


def normal(distribution: str) -> str:
    """A distribution's name as lock files write it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _read(name: str, folder: pathlib.Path, distribution: importlib.metadata.Distribution) -> Installed:
    record = distribution.read_text("RECORD") or ""
    files = tuple(tuple(row[0].split("/")) for row in csv.reader(record.splitlines()) if row)
    return Installed(name, distribution.version, folder, tuple(_needed(distribution.requires or ())), files)


def _needed(requirements: Sequence[str]) -> Iterable[str]:
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield normal(requirement.name)


def _listed(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


def this_python() -> Python:
    """The interpreter of this process."""
    base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    return Python(sys.executable, base, tuple(site.getsitepackages()), f"python{sysconfig.get_python_version()}")
