"""The Python of .venv: which one is taken, and when .venv is made anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from install import pythons
from install.refused import Refused


def program(path: Path, version: str, *, ensurepip: bool = True, pip: bool = True) -> Path:
    """A program that answers as a Python of that version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    answer = json.dumps([[int(number) for number in version.split(".")], ensurepip, pip])
    path.write_text(f"#!/bin/sh\necho '{answer}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH, after that of an environment."""
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / ".venv" / "bin"), str(folder)]))
    return folder


def test_the_first_python_that_fits_is_taken(bin_folder: Path, tmp_path: Path) -> None:
    """Neither the environment's own, which may be in front, nor one that is too old."""
    program(tmp_path / ".venv/bin/python3", "3.12.1")
    program(bin_folder / "python3", "3.9.2")
    program(bin_folder / "python3.11", "3.11.4")
    assert pythons.choose("python3", tmp_path / ".venv").program == str(bin_folder / "python3.11")


@pytest.mark.parametrize(
    ("asked", "version", "said"),
    [
        ("python3", "3.9.18", "found: Python 3.9.18 (/"),
        ("python3", "3.14.0", "found: Python 3.14.0 (/"),
        ("python3", "3.12.2", "found: Python 3.12.2 without the module ensurepip (/"),
        ("python3.13", "3.11.7", "found: no python3.13 that works"),
        ("/no/such/python", "3.11.7", "found: no /no/such/python that works"),
    ],
)
def test_refused_pythons(bin_folder: Path, tmp_path: Path, asked: str, version: str, said: str) -> None:
    program(bin_folder / "python3", version, ensurepip=version != "3.12.2")
    with pytest.raises(Refused) as refused:
        pythons.choose(asked, tmp_path / ".venv")
    assert "Python 3.11 to 3.13 with venv is needed" in str(refused.value)
    assert said in str(refused.value)
    assert "apt install python3 python3-venv" in str(refused.value)


def environment(venv: Path, runs: str, **noted: str) -> Path:
    """An environment with a Python of a version, and the notes of `venv` in it."""
    program(venv / "bin" / "python", runs)
    lines = {"version": runs, "command": f"/usr/bin/python3 -m venv {venv}", **noted}
    (venv / "pyvenv.cfg").write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
    return venv


def test_a_sound_environment_stays(tmp_path: Path) -> None:
    venv = environment(tmp_path / "a b" / ".venv", "3.11.7")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "a b")
    for path in (venv, link / ".venv"):
        assert pythons.stale(path, "python3") is None
    assert pythons.stale(tmp_path / "none", "python3") is None


def test_an_environment_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """Too old, replaced, gone, without pip, of another folder, or not the one asked for."""
    old = environment(tmp_path / "old", "3.9.18")
    assert pythons.stale(old, "python3") == "it is of Python 3.9.18"
    replaced = environment(tmp_path / "replaced", "3.13.0", version="3.11.2")
    assert pythons.stale(replaced, "python3") == "it was made with Python 3.11, which is 3.13 by now"
    moved = environment(tmp_path / "moved", "3.11.7", command="/usr/bin/python3 -m venv /home/x/slipway/.venv")
    told = pythons.stale(moved, "python3")
    assert told == "it was made in /home/x/slipway/.venv, and its programs name that folder"
    bare = environment(tmp_path / "bare", "3.11.7")
    program(bare / "bin" / "python", "3.11.7", pip=False)
    assert pythons.stale(bare, "python3") == "it has no pip"
    gone = environment(tmp_path / "gone", "3.11.7", home="/opt/python3.11/bin")
    (gone / "bin" / "python").unlink()
    (gone / "bin" / "python").symlink_to("/opt/python3.11/bin/python3.11")
    assert pythons.stale(gone, "python3") == "its Python does not run (it was made with /opt/python3.11/bin)"
    other = str(program(tmp_path / "bin" / "python3.12", "3.12.1"))
    sound = environment(tmp_path / "sound", "3.11.7")
    assert pythons.stale(sound, other) == f"it is of Python 3.11, and PYTHON={other} is 3.12"
