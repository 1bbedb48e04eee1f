"""The Python for .venv, and the reasons to make .venv anew."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from install.refused import Refused

OLDEST, NEWEST = (3, 11), (3, 13)
"""TensorFlow 2.21 has packages for these."""
DEFAULT = "python3"
_OTHERS = ("python3.13", "python3.12", "python3.11")
_PROBE = (
    "import importlib.util as u, json, sys; "
    "print(json.dumps([sys.version_info[:3], u.find_spec('ensurepip') is not None, u.find_spec('pip') is not None]))"
)


class Python(NamedTuple):
    """A program, its version, and whether it can make virtual environments and has pip."""

    program: str
    version: tuple[int, int, int]
    makes_environments: bool
    has_pip: bool

    @property
    def fits(self) -> bool:
        return OLDEST <= self.version[:2] <= NEWEST

    def __str__(self) -> str:
        lacks = "" if self.makes_environments else " without the module ensurepip"
        return f"Python {dotted(self.version)}{lacks} ({self.program})"


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)


def probe(program: str) -> Python | None:
    """Run a program; None if it is no Python that works."""
    try:
        ran = subprocess.run(
            [program, "-I", "-c", _PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
        version, makes_environments, has_pip = json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return Python(program, tuple(version), makes_environments, has_pip)


def choose(asked: str, venv: Path) -> Python:
    """The Python to make .venv with: the one that was asked for, or the first that fits. Raises ``Refused``.

    Args:
        asked: a name or a path: PYTHON of the Makefile. ``python3`` lets others on the PATH take its place.
        venv: the environment; its own Python, which may be in front on the PATH, does not count.
    """
    ahead = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(folder for folder in ahead if not _same(Path(folder or "."), venv / "bin"))
    programs = [shutil.which(name, path=path) for name in ((asked, *_OTHERS) if asked == DEFAULT else (asked,))]
    found = [python for python in map(probe, filter(None, programs)) if python is not None]
    for python in found:
        if python.fits and python.makes_environments:
            return python
    seen = "; ".join(map(str, found)) or f"no {asked} that works"
    raise Refused(
        f"Python {dotted(OLDEST)} to {dotted(NEWEST)} with venv is needed, as TensorFlow has packages for no other; "
        f"found: {seen}. "
        "Install one (on Debian: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python3.12"
    )


def stale(venv: Path, asked: str) -> str | None:
    """The reason why an environment cannot be used any more; None without one."""
    return next(_reasons(venv, asked), None) if os.path.lexists(str(venv)) else None


def _reasons(venv: Path, asked: str) -> Iterator[str]:
    noted, python = _noted(venv), probe(str(venv / "bin" / "python"))
    if python is None:
        yield f"its Python does not run (it was made with {noted.get('home', 'an unknown one')})"
        return
    now = dotted(python.version[:2])
    if not python.fits:
        yield f"it is of Python {dotted(python.version)}"
    made_with = re.match(r"\d+\.\d+", noted.get("version", ""))
    if made_with and made_with.group() != now:
        yield f"it was made with Python {made_with.group()}, which is {now} by now"
    if not python.has_pip:
        yield "it has no pip"
    made_in = noted.get("command", "").partition(" -m venv ")[2]
    if made_in and not _same(Path(made_in), venv):
        yield f"it was made in {made_in}, and its programs name that folder"
    wanted = None if asked == DEFAULT else probe(asked)
    if wanted is not None and wanted.version[:2] != python.version[:2]:
        yield f"it is of Python {now}, and PYTHON={asked} is {dotted(wanted.version[:2])}"


def _noted(venv: Path) -> dict[str, str]:
    """The content of pyvenv.cfg. Source: Python documentation, "venv: Creation of virtual environments"."""
    try:
        lines = (venv / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)}


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(str(one)) == os.path.realpath(str(other))
