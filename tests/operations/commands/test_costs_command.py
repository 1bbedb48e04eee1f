"""`costs`, and the page that shows its output."""

from __future__ import annotations

import json
import re

import pytest
from outcome import ROOT, Run

PAGE = ROOT / "docs" / "costs.md"


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_page_shows_what_the_command_prints(operations: Run, environment: str) -> None:
    """After a change of a file or a price: run the command, and put its output into docs/costs.md."""
    command = re.escape(f"$ python -m operations costs {environment}")
    (shown,) = re.findall(rf"^```text\n{command}\n(.*?)^```", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    printed = operations("costs", environment)
    assert printed.code == 0
    assert lines(shown) == lines(printed.out)


def test_json(operations: Run) -> None:
    document = json.loads(operations("costs", "dev", "--json").out)
    assert document["region"] == "eu-west-1"
    assert document["standing"][-1]["what"] == "together"
    assert {quota["name"] for quota in document["quotas"]} >= {"ml.m5.large for endpoint usage"}
    assert len(document["trainings"]) == 12


def test_sandbox_costs_nothing(operations: Run) -> None:
    assert "The sandbox costs nothing." in operations("costs", "local").out
