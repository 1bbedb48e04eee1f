"""`make install` as a person types it: the folders that it refuses, and what it installs."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from install import place
from install.refused import Refused

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """#!/bin/sh
# Stands in for a program of .venv: says what it was called with, and makes what a person would find.
echo "$0 $*" >> calls
case "$*" in *"pip download"*) cp -r ../vader/. .cache/reviews/download ;; esac
"""
HARD = 'a b\'s "c" #d %e [f] *?;&(g)~!,+=@{h}^|<>`i` größe'


def checkout(folder: Path) -> Path:
    """The part of a checkout that `make install` reads."""
    folder.mkdir(parents=True)
    for name in ("Makefile", "requirements.txt", "requirements-deploy.txt", "constraints.txt", "package.json"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(ROOT / "package-lock.json", folder)
    (folder / "sandbox").mkdir()
    shutil.copy(ROOT / "sandbox" / "pyproject.toml", folder / "sandbox")
    shutil.copytree(ROOT / "install", folder / "install", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def make(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a:b", "it cannot hold ':': PATH separates its folders by it"),
        ("a$b", "it cannot hold '$': the AWS CLI takes what follows it for the name of a variable"),
        ("a\nb", "it cannot hold '\\n'"),
    ],
)
@pytest.mark.parametrize("target", ["install", "demo", "test", "deploy"])
def test_a_folder_in_which_the_tools_cannot_work_is_refused_at_once(
    tmp_path: Path, target: str, name: str, said: str
) -> None:
    folder = checkout(tmp_path / name)
    began = time.monotonic()
    ended = make(folder, target)
    assert time.monotonic() - began < 20  # less than a second on a machine with nothing else to do
    assert ended.returncode != 0
    assert said in ended.stderr
    assert "Move the checkout to another folder" in ended.stderr
    assert not (folder / ".venv").exists()


def test_a_checkout_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(Refused, match="This checkout cannot be written"):
        place.check(tmp_path)


def test_a_python_that_cannot_even_say_so_is_refused_by_make(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "slipway")
    ended = make(folder, "install", "PYTHON=/no/such/python")
    assert ended.returncode != 0
    assert "/no/such/python does not run, or is older than 3.7: install Python 3.11 to 3.13" in ended.stderr


def test_any_other_folder_gets_everything(tmp_path: Path) -> None:
    """Blanks, quotes, shell and glob characters, other letters; longer than a Unix socket's name."""
    source = tmp_path / "vader" / "hutto_ICWSM_2014"
    source.mkdir(parents=True)
    (source / "movieReviewSnippets_GroundTruth.txt").write_text("1\t2.3\tfine\n")
    inner = tmp_path / "vader" / "vaderSentiment-0.5" / "additional_resources"
    inner.mkdir(parents=True)
    subprocess.run(["tar", "-czf", inner / "hutto_ICWSM_2014.tar.gz", source.name], cwd=source.parent, check=True)
    shutil.make_archive(str(tmp_path / "vader" / "vaderSentiment-0.5"), "zip", tmp_path / "vader", "vaderSentiment-0.5")
    folder = checkout(tmp_path / HARD / ("long" * 40) / "slipway")
    (tmp_path / "vader").rename(folder.parent / "vader")
    _environment(folder)
    ended = make(folder, "install")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    said = [line for line in ended.stdout.splitlines() if not line.startswith("  ")]
    assert [line.rpartition(" in ")[0] for line in said if "done" in line] == [
        "Python packages: done",
        "CDK CLI, AWS SDK, MNIST: done",
        "Movie reviews: done",
    ]
    assert (folder / ".cache/reviews/movieReviewSnippets_GroundTruth.txt").read_text() == "1\t2.3\tfine\n"
    again = make(folder, "install")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    os.utime(folder / "constraints.txt")
    assert "Python packages: done" in make(folder, "install").stdout


def _environment(folder: Path) -> None:
    """Programs that only record; their Python answers the probe."""
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (folder / "node_modules").mkdir()
    for name in ("uv", "npm"):
        (programs / name).write_text(PROGRAM)
        (programs / name).chmod(0o755)
    python = programs / "python"
    python.write_text(PROGRAM + "case $1 in -I) echo '[[3, 11, 7], true, true]' ;; esac\n")
    python.chmod(0o755)


def test_an_old_python_can_run_the_installation() -> None:
    """Keep it readable for an old Python, which has to say that it is old."""
    for file in (ROOT / "install").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(), feature_version=(3, 7))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
                assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {"install"}
