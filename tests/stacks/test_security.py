"""Every finding of cdk-nag has a reason beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from assemblies import ENVIRONMENTS, FLAGS, ROOT, assembly, synthesize
from reference_model import ENVIRONMENT, MODEL

from specs import names

TABLE = ROOT / "docs" / "acknowledgements.md"
PER_MODEL = ("training/", "release/", "serving/")


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def checked(request: pytest.FixtureRequest) -> tuple[str, Path]:
    """An environment's name and its cloud assembly."""
    return request.param, assembly(request.param)


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
    """Open findings, but for the placeholder account, which is the reader's task."""
    rules = [violation["ruleName"] for plugin in found["pluginReports"] for violation in plugin["violations"]]
    return [name for name in rules if name != "Annotation::slipway:placeholder-account"]


def test_no_finding_is_open(checked) -> None:
    _, outdir = checked
    assert findings(report(outdir)) == []


def test_every_accepted_finding_has_a_reason(checked) -> None:
    _, outdir = checked
    rows = acknowledged(report(outdir))
    assert rows
    assert [row for row in rows if not row[2].strip()] == []


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> list[tuple[str, str, str]]:
    """The accepted findings of the reference model, as declared and with a judge."""
    judged = tmp_path_factory.mktemp("judged")
    synthesize([str(ROOT / "tests" / "helpers" / "synth_judged.py")], judged, FLAGS)
    stacks = {
        names.network_stack(ENVIRONMENT),
        names.foundation_stack(ENVIRONMENT),
        *names.model_stacks(ENVIRONMENT, MODEL),
    }
    declared = [row for row in acknowledged(report(assembly(ENVIRONMENT))) if row[0].partition("/")[0] in stacks]
    return sorted({*declared, *acknowledged(report(judged))})


def test_accepted_findings_are_those_of_the_committed_table(table) -> None:
    lines = [
        f"| `{path.removeprefix(names.prefix(ENVIRONMENT))}` | `{finding}` | {reason} |"
        for path, finding, reason in table
    ]
    committed = [line for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    assert committed == sorted(lines), "docs/acknowledgements.md is not what synth accepts:\n" + "\n".join(lines)


def test_no_model_accepts_more_than_the_reference(checked, table) -> None:
    """The same kinds of findings at the same constructs, whatever the names in them."""
    name, outdir = checked
    accepted = {places(path, finding) for path, finding, _ in table}
    found = {places(path, finding) for path, finding, _ in acknowledged(report(outdir))}
    assert found
    assert {(place, rule) for place, rule in found if place.startswith(PER_MODEL)} <= accepted, name


def places(path: str, finding: str) -> tuple[str, str]:
    """The construct's path below the kind of its stack, and the rule without the resource."""
    stack, _, construct = path.partition("/")
    return f"{stack.rpartition('-')[2]}/{construct}", finding.partition("[")[0]


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
