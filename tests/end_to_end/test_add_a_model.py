"""docs/add-a-model.md as it is written: a model made by its lines is accepted, synthesized, and passes its tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from assemblies import FLAGS
from own_sandbox import ROOT

pytestmark = pytest.mark.tensorflow

PAGE = (ROOT / "docs" / "add-a-model.md").read_text()
NAME, PACKAGE = "clothes-cnn", "clothes_cnn"
COPIED = (
    "models",
    "training",
    "inference",
    "tests",
    "specs",
    "stacks",
    "pages",
    "app.py",
    "conftest.py",
    "pyproject.toml",
)
"""The files that find the checkout by their own place."""
LEFT_OUT = {".git", "build", "cdk.out"}
WITHOUT_CACHES = shutil.ignore_patterns("__pycache__")


def block(language: str, containing: str) -> str:
    """The page's one block of a language that holds a text."""
    (found,) = [text for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if containing in text]
    return found


def files(folder: Path) -> dict[Path, bytes]:
    """The files that a person writes, by path."""
    found = [path for name in ("models", "training", "inference") for path in (folder / name).rglob("*")]
    return {path.relative_to(folder): path.read_bytes() for path in found if path.suffix in (".py", ".toml")}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, with the model of the page."""
    folder = tmp_path_factory.mktemp("checkout")
    for path in ROOT.iterdir():
        if path.name in LEFT_OUT:
            continue
        if path.name not in COPIED:
            (folder / path.name).symlink_to(path)
        elif path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=WITHOUT_CACHES)
        else:
            shutil.copy(path, folder / path.name)
    before = files(folder)
    subprocess.run(["sh", "-e", "-c", block("sh", "cp -R")], cwd=folder, check=True)
    _declare(folder)
    assert {path: content for path, content in files(folder).items() if path in before} == before
    return folder


def _declare(folder: Path) -> None:
    """Write the page's declaration and TOML lines into the copies."""
    algorithm, model = folder / "training" / PACKAGE / "algorithm.py", folder / "models" / f"{NAME}.toml"
    lines, declaration = block("python", "DATA =").split("\n\n", 1)
    text = algorithm.read_text().replace("from training.common.mnist import MNIST", lines)
    algorithm.write_text(text.replace("DATA = MNIST\n", declaration))
    text = model.read_text()
    for line in block("toml", "fashion-mnist").splitlines():
        key = line.partition(" =")[0]
        text, count = re.subn(rf"^{key} = .*$", line, text, count=1, flags=re.MULTILINE)
        assert count, line
    model.write_text(text)


def run(checkout: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_synthesized(checkout: Path, tmp_path: Path) -> None:
    context = json.dumps(FLAGS | {"environment": "local"})
    result = run(checkout, "app.py", CDK_OUTDIR=str(tmp_path), CDK_CONTEXT_JSON=context, CDK_VALIDATION="false")
    assert result.returncode == 0, result.stderr
    stacks = {path.name.removesuffix(".template.json") for path in tmp_path.glob("*.template.json")}
    assert stacks >= {f"slipway-local-{NAME}-{stack}" for stack in ("training", "release", "serving")}


def test_it_passes_the_tests_of_a_model(checkout: Path) -> None:
    """The command of `make test-model`, where nothing is to be installed first."""
    result = run(checkout, "-m", "pytest", "tests/models", "--model", NAME, "-p", "no:cacheprovider")
    assert result.returncode == 0, result.stdout
    assert re.search(r"^1[0-9] passed", result.stdout, re.MULTILINE), result.stdout


def test_a_model_that_is_not_there_is_named(checkout: Path) -> None:
    result = run(checkout, "-m", "pytest", "tests/models", "--model", "clothes", "-p", "no:cacheprovider")
    assert result.returncode == 4
    sentence = f"ERROR: there is no models/clothes.toml; --model is one of {NAME}, "
    assert result.stderr.startswith(sentence)
    assert "Traceback" not in result.stderr
