"""cfn-lint finds nothing in the templates."""

from __future__ import annotations

import subprocess

from assemblies import ENVIRONMENTS, ROOT, assembly


def test_cfn_lint_finds_nothing() -> None:
    outdirs = [assembly(environment) for environment in reversed(ENVIRONMENTS)]  # another process begins with the first
    templates = sorted(str(path) for outdir in outdirs for path in outdir.glob("*.template.json"))
    models = len(list((ROOT / "models").glob("*.toml")))
    assert len(templates) == len(ENVIRONMENTS) * (2 + 3 * models)
    result = subprocess.run(["cfn-lint", *templates], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")
