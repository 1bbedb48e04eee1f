"""`cdk deploy` to a placeholder account is refused by a sentence, before anything is built."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stacks.cdk_command import is_deployment

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_deploy_is_refused_with_the_line_to_edit(environment: str, tmp_path: Path) -> None:
    """By the real CLI. It finds no credentials, and would refuse later with a less useful sentence."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    path = f"{ROOT / 'node_modules' / '.bin'}{os.pathsep}{ROOT / '.venv' / 'bin'}{os.pathsep}{clean['PATH']}"
    result = subprocess.run(
        ["cdk", "deploy", "--all", "-c", f"environment={environment}", "--output", str(tmp_path)],
        cwd=ROOT,
        env=clean | {"PATH": path, "CDK_DISABLE_CLI_TELEMETRY": "1", "COLUMNS": "20"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode != 0
    assert f"environments/{environment}.toml, line " in result.stderr
    assert "is a placeholder" in result.stderr
    assert list(tmp_path.glob("*.template.json")) == []


@pytest.mark.parametrize(
    ("line", "deploys"),
    [
        ("node /x/node_modules/.bin/cdk deploy --all", True),
        ("node /x/node_modules/aws-cdk/bin/cdk.js -c environment=dev deploy", True),
        ("cdk watch", True),
        ("node /x/.bin/cdk synth -c environment=dev", False),
        ("node /x/.bin/cdk diff --all", False),
        ("sh -c cdk.sh deploy", False),
        ("python -m pytest -k deploy", False),
        ("", False),
    ],
)
def test_command_line_of_the_cli_is_understood(line: str, deploys: bool) -> None:
    assert is_deployment(line.split()) is deploys
