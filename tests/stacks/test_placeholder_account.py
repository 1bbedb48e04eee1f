"""`cdk deploy` is refused by a sentence where it cannot go, before a synthesis."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stacks.cdk_command import command

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("environment", "verb", "said"),
    [
        ("dev", "deploy", ("environments/dev.toml, line ", "is a placeholder")),
        ("prod", "deploy", ("environments/prod.toml, line ", "is a placeholder")),
        ("local", "deploy", ("AWS_ENDPOINT_URL is not set", 'eval "$(.venv/bin/python -m sandbox env)"')),
        ("local", "diff", ("AWS_ENDPOINT_URL is not set", 'eval "$(.venv/bin/python -m sandbox env)"')),
    ],
)
def test_it_is_refused_with_the_line_to_write(
    environment: str, verb: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    """By the real CLI. It finds no credentials, and would refuse much later with a less useful sentence."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    path = f"{ROOT / 'node_modules' / '.bin'}{os.pathsep}{ROOT / '.venv' / 'bin'}{os.pathsep}{clean['PATH']}"
    result = subprocess.run(
        ["cdk", verb, "-c", f"environment={environment}", "--output", str(tmp_path)],
        cwd=ROOT,
        env=clean | {"PATH": path, "CDK_DISABLE_CLI_TELEMETRY": "1", "COLUMNS": "20"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode != 0
    for part in said:
        assert part in result.stderr
    assert list(tmp_path.glob("*.template.json")) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("node /x/node_modules/.bin/cdk deploy --all", "deploy"),
        ("/a b/.venv/bin/node /a b's #d/node_modules/.bin/cdk deploy --all", "deploy"),
        ("node /x/node_modules/aws-cdk/bin/cdk.js -c environment=dev deploy", "deploy"),
        ("cdk watch", "watch"),
        ("node /x/.bin/cdk diff --all", "diff"),
        ("node /x/.bin/cdk synth -c environment=dev", None),
        ("sh -c cdk synth && cdk deploy --app cdk.out", None),
        ("sh -c cdk.sh deploy", None),
        ("python -m pytest -k deploy", None),
        ("", None),
    ],
)
def test_command_line_of_the_cli_is_understood(line: str, found: str | None) -> None:
    assert command(line) == found
