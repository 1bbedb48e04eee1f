"""The application as the CDK CLI runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = json.loads((ROOT / "cdk.json").read_text())["context"]
SHIPPED = (
    "app.py",
    "cdk.json",
    "specs",
    "stacks",
    "models",
    "environments",
    "pages",
    "training",
    "inference",
    "tracking",
)


def run(folder: Path, outdir: Path, **context: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    environment |= {
        "CDK_VALIDATION": "false",
        "CDK_OUTDIR": str(outdir),
        "CDK_CONTEXT_JSON": json.dumps(FLAGS | context),
    }
    command = [sys.executable, "app.py"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def copied(folder: Path) -> Path:
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name)
    return folder


def test_without_an_environment_they_are_listed(tmp_path) -> None:
    result = run(ROOT, tmp_path)
    assert result.returncode == 2
    assert [line.strip() for line in result.stderr.splitlines()[1:]] == [
        "-c environment=dev",
        "-c environment=local",
        "-c environment=prod",
    ]


def test_unknown_environment_is_refused(tmp_path) -> None:
    result = run(ROOT, tmp_path, environment="production")
    assert result.returncode == 2
    assert "prod" in result.stderr
    assert "Traceback" not in result.stderr


def test_faulty_declaration_is_a_report(tmp_path) -> None:
    folder = copied(tmp_path / "checkout")
    path = folder / "environments" / "dev.toml"
    path.write_text(path.read_text().replace('region = "eu-west-1"', 'region = "eu-west-11"'))
    result = run(folder, tmp_path / "out", environment="dev")
    assert result.returncode == 2
    assert "environments/dev.toml" in result.stderr
    assert "eu-west-11" in result.stderr
    assert "Traceback" not in result.stderr


def test_synth_is_the_same_from_two_directories(tmp_path) -> None:
    def files(outdir: Path) -> dict[str, bytes]:
        names = ("*.template.json", "*.assets.json", "asset.*")
        return {path.name: path.read_bytes() for name in names for path in outdir.glob(name)}

    here, there = tmp_path / "a" / "out", tmp_path / "b" / "out"
    for folder, outdir in (
        (copied(tmp_path / "a" / "checkout"), here),
        (copied(tmp_path / "b" / "x" / "checkout"), there),
    ):
        result = run(folder, outdir, environment="dev")
        assert result.returncode == 0, result.stderr
    assert len(files(here)) > 10
    assert files(here) == files(there)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_placeholder_account_is_named_with_the_line_to_edit(tmp_path, environment) -> None:
    result = run(ROOT, tmp_path, environment=environment)
    assert result.returncode == 0, result.stderr
    manifest = (tmp_path / "manifest.json").read_text() + "".join(
        path.read_text() for path in tmp_path.glob("*.metadata.json")
    )
    assert f"environments/{environment}.toml, line " in manifest
    assert "is a placeholder" in manifest
