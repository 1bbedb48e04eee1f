"""A folder of the packages of one image, and no others: links to the installed ones.

It is made once for a state of the installed packages, and serves all jobs of all sandboxes of this installation. A
distribution that an installed one needs here, in a newer version than the image's, is there as well.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator

from sandbox.machines.images import absent_packages
from sandbox.machines.images.installed import Installed, Python, installed, with_dependencies
from sandbox.machines.images.tables import UNKNOWN, Distribution, Table

_PROGRAMS = ("..", "..", "..", "bin")
_SH_TRICK = b"#!/bin/sh\n'''exec' "
"""The beginning of a program for an interpreter with a path too long for `#!` (distlib, "ScriptMaker")."""

Files = list[tuple[str, ...]]


def packages(python: Python, table: Table) -> pathlib.Path:
    """The folder of the image's packages; made if it is not there."""
    return _image(python, table) / "packages"


def programs(python: Python, table: Table) -> pathlib.Path:
    """The folder of these packages' programs, which run by the `python3` on the PATH."""
    return _image(python, table) / "programs"


def _image(python: Python, table: Table) -> pathlib.Path:
    state = repr((python, python.metadata, table.text, _recipe()))
    key = hashlib.sha256(state.encode()).hexdigest()[:16]
    folder = _root() / key / table.repository
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = pathlib.Path(tempfile.mkdtemp(dir=folder.parent))
        _fill(draft, python, table)
        try:
            draft.rename(folder)
        except OSError:  # another process was faster
            shutil.rmtree(draft)
    return folder


def _root() -> pathlib.Path:
    """The sandbox's virtual environment, or where that is read-only a folder of this user."""
    if os.access(sys.prefix, os.W_OK):
        return pathlib.Path(sys.prefix, "sandbox-images")
    return pathlib.Path(tempfile.gettempdir(), f"sandbox-images-{os.getuid()}")


@functools.cache
def _recipe() -> str:
    return pathlib.Path(__file__).read_text() + pathlib.Path(absent_packages.__file__).read_text()


def _fill(draft: pathlib.Path, python: Python, table: Table) -> None:
    known = installed(python)
    kept = with_dependencies(filter(table.holds, known), known)
    place, tools = draft / "packages", draft / "programs"
    place.mkdir()
    tools.mkdir()
    draft.chmod(0o755)
    for folder in dict.fromkeys(pathlib.Path(folder) for folder in python.packages):
        here = [each for each in known.values() if each.folder == folder]
        held = [each for each in here if each.name in kept]
        _link(folder, place, _files(held), _files(each for each in here if each.name not in kept))
        for source in _programs(held):
            _copy_program(source, tools / source.name)
    _say_what_is_absent(place, python, table)
    # Linked modules have no compiled form beside them, and a model server writes none.
    subprocess.run([python.base, "-I", "-S", "-m", "compileall", "-q", "-l", place], check=False)


def _files(distributions: Iterable[Installed]) -> Files:
    return [file for each in distributions for file in each.files if file[0] not in ("..", "", "__pycache__")]


def _link(source: pathlib.Path, place: pathlib.Path, held: Files, others: Files) -> None:
    """Link files and whole folders. A folder with files of others, such as google/, is made anew."""
    shared, names = _by_name(others), _by_name(held)
    for name, below in names.items():
        if name == "__pycache__":
            continue
        if shared.get(name) and any(below):
            (place / name).mkdir(exist_ok=True)
            _link(
                source / name, place / name, [file for file in below if file], [file for file in shared[name] if file]
            )
        elif (source / name).exists() and not os.path.lexists(place / name):
            (place / name).symlink_to(source / name)


def _by_name(files: Files) -> dict[str, Files]:
    """The rest of each path, by its first part."""
    found: dict[str, Files] = defaultdict(list)
    for first, *rest in files:
        found[first].append(tuple(rest))
    return found


def _programs(distributions: Iterable[Installed]) -> Iterator[pathlib.Path]:
    for each in distributions:
        for file in each.files:
            if file[:-1] == _PROGRAMS:
                yield pathlib.Path(os.path.normpath(each.folder.joinpath(*file)))


def _copy_program(source: pathlib.Path, place: pathlib.Path) -> None:
    """Copy a program of Python's to run by the job's own interpreter; link another."""
    content = source.read_bytes() if source.is_file() else b""
    first, _, rest = content.partition(b"\n")
    if content.startswith(_SH_TRICK):
        rest = content.split(b"\n", 3)[3]
    elif not (first.startswith(b"#!") and b"python" in first):
        place.symlink_to(source)
        return
    place.write_bytes(b"#!/usr/bin/env python3\n" + rest)
    place.chmod(0o755)


def _say_what_is_absent(place: pathlib.Path, python: Python, table: Table) -> None:
    lines = [
        f"{module} {_sentence(distribution, python, table)}\n"
        for distribution in table.distributions.values()
        for module in distribution.modules
        if not is_there(place, module)
    ]
    (place / absent_packages.TABLE).write_text("".join(lines))
    source = pathlib.Path(absent_packages.__file__)
    shutil.copyfile(source, place / source.name)
    (place / f"{source.stem}.pth").write_text(f"import {source.stem}; {source.stem}.install()\n")


def is_there(place: pathlib.Path, module: str) -> bool:
    """Tell whether a folder of packages holds a module."""
    *folders, name = module.split(".")
    folder = place.joinpath(*folders)
    return (folder / name).is_dir() or any(folder.glob(f"{name}.*"))


def _sentence(distribution: Distribution, python: Python, table: Table) -> str:
    if distribution.version == UNKNOWN:
        return f"AWS's image {table.repository} holds it ({distribution.name}), and the sandbox does not"
    return (
        f"AWS's image {table.repository} holds it ({distribution.name} {distribution.version}), and the Python that "
        f"the sandbox lends to containers does not. Install it there: {python.executable} -m pip install "
        f"{distribution.requirement}"
    )
