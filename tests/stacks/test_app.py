"""The application as the CDK CLI runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from assemblies import FLAGS, ROOT, assembly

SHIPPED = (
    "app.py",
    "cdk.json",
    "install",
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


def test_a_wrong_declaration_is_a_report(tmp_path) -> None:
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

    result = run(copied(tmp_path / "x" / "checkout"), tmp_path / "out", environment="dev")
    assert result.returncode == 0, result.stderr
    here, there = files(assembly("dev")), files(tmp_path / "out")
    assert len(here) > 10
    assert here == there


@pytest.mark.parametrize("environment", ["prod", "dev"])
def test_placeholder_account_is_named_with_the_line_to_edit(environment) -> None:
    outdir = assembly(environment)
    said = [(outdir / "manifest.json").read_text(), *(path.read_text() for path in outdir.glob("*.metadata.json"))]
    assert f"environments/{environment}.toml, line " in "".join(said)
    assert "is a placeholder" in "".join(said)
