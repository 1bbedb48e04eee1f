"""cdk-nag and cfn-lint find nothing that has no reason beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODELS = [tomllib.loads(path.read_text()) for path in sorted((ROOT / "models").glob("*.toml"))]
TABLE = ROOT / "docs" / "acknowledgements.md"
FLAGS = json.loads((ROOT / "cdk.json").read_text())["context"]


@pytest.fixture(scope="module", params=["local", "dev", "prod"])
def assembly(request, tmp_path_factory) -> tuple[str, Path]:
    """One environment's cloud assembly, synthesized with every check on."""
    outdir = tmp_path_factory.mktemp(request.param)
    environment = os.environ | {
        "CDK_OUTDIR": str(outdir),
        "CDK_CONTEXT_JSON": json.dumps(FLAGS | {"environment": request.param}),
    }
    environment.pop("CDK_VALIDATION", None)
    result = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return request.param, outdir


def report(outdir: Path) -> dict:
    return json.loads((outdir / "validation-report.json").read_text())


def acknowledged(found: dict) -> list[tuple[str, str, str]]:
    """Construct path, finding and reason of everything that is accepted."""
    rows = {
        (violation["violatingConstructs"][0]["constructPath"], violation["ruleName"], violation["reason"])
        for plugin in found["pluginReports"]
        for violation in plugin.get("suppressedViolations", [])
    }
    return sorted(rows)


def findings(found: dict) -> list[str]:
    """The open findings, without the placeholder account, which is the reader's task."""
    names = [violation["ruleName"] for plugin in found["pluginReports"] for violation in plugin["violations"]]
    return [name for name in names if name != "Annotation::slipway:placeholder-account"]


def test_no_finding_is_open(assembly) -> None:
    _, outdir = assembly
    assert findings(report(outdir)) == []


def test_every_accepted_finding_has_a_reason(assembly) -> None:
    _, outdir = assembly
    rows = acknowledged(report(outdir))
    assert rows
    assert [row for row in rows if not row[2].strip()] == []


def test_accepted_findings_are_those_of_the_committed_table(assembly) -> None:
    """The table names the first model, and every other has the same: a new model accepts nothing new."""
    name, outdir = assembly
    first, *others = ((model["name"], model["data"]["dataset"]) for model in MODELS)
    if name != "prod":
        pytest.skip("the table shows prod, which declares everything that the others do")
    lines = []
    for path, finding, reason in acknowledged(report(outdir)):
        line = f"| `{path.removeprefix('slipway-prod-')}` | `{finding}` | {reason} |"
        for word, own in ((word, own) for other in others for word, own in zip(other, first, strict=True)):
            line = line.replace(word, own)
        lines.append(line)
    lines = sorted(set(lines))
    committed = [line for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    assert sorted(committed) == lines, "docs/acknowledgements.md is not what synth accepts:\n" + "\n".join(lines)


def test_a_bucket_without_care_is_found(tmp_path) -> None:
    """A clean run looks like no run at all: this must find something."""
    code = """
from aws_cdk import App, Stack, Validations, aws_s3 as s3
from cdk_nag import AwsSolutionsChecks
app = App(outdir={outdir!r})
s3.Bucket(Stack(app, "Canary"), "Open")
Validations.of(app).add_plugins(AwsSolutionsChecks(app))
app.synth()
"""
    subprocess.run([sys.executable, "-c", code.format(outdir=str(tmp_path))], capture_output=True, check=False)
    found = {
        violation["ruleName"] for plugin in report(tmp_path)["pluginReports"] for violation in plugin["violations"]
    }
    assert {"AwsSolutions-S1", "AwsSolutions-S10"} <= found


def test_cfn_lint_finds_nothing(assembly) -> None:
    _, outdir = assembly
    templates = sorted(str(path) for path in outdir.glob("*.template.json"))
    assert len(templates) == 2 + 3 * len(MODELS)
    result = subprocess.run(["cfn-lint", *templates], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")
