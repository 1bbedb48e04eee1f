"""Cloud assemblies of the whole application, synthesized once a run with every check on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from once import once

ROOT = Path(__file__).resolve().parents[2]
FLAGS = json.loads((ROOT / "cdk.json").read_text())["context"]
ENVIRONMENTS = ("local", "dev", "prod")


def assembly(environment: str) -> Path:
    """The folder of an environment's assembly."""
    context = FLAGS | {"environment": environment}
    return once(f"assembly-{environment}", lambda folder: synthesize(["app.py"], folder, context))


def synthesize(script: list[str], outdir: Path, context: dict[str, object]) -> None:
    variables = os.environ | {"CDK_OUTDIR": str(outdir), "CDK_CONTEXT_JSON": json.dumps(context)}
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    variables.pop("CDK_VALIDATION", None)
    command = [sys.executable, *script]
    result = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
