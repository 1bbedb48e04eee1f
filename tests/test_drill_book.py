"""The commands of docs/faults.md."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from sandbox.cli import app
from typer.testing import CliRunner

PAGE = Path(__file__).resolve().parents[1] / "docs" / "faults.md"


def test_every_kind_of_fault_has_a_drill_whose_command_works(tmp_path: Path) -> None:
    kinds = set(re.findall(r"fault add (\S+)", CliRunner().invoke(app, ["fault", "kinds"]).output))
    commands = re.findall(r"^python -m sandbox (fault add .*)$", PAGE.read_text(), flags=re.MULTILINE)
    assert {shlex.split(command)[2] for command in commands} == kinds
    assert "capacity" in kinds
    for command in commands:
        added = CliRunner().invoke(app, shlex.split(command), env={"SANDBOX_HOME": str(tmp_path), "COLUMNS": "200"})
        assert added.exit_code == 0, added.output
