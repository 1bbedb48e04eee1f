"""The command that shows a log, in the words of a failure."""

from __future__ import annotations

from specs import ResolvedModel, hints
from stacks.constructs.workflows.jsonata import Jsonata


def with_log(reason: Jsonata | str, resolved: ResolvedModel, *steps: str) -> Jsonata:
    """A reason, and the command for each log on a line of its own."""
    commands = "".join(f"\\nLog of {step}:\\n    {hints.logs(*resolved.place, step)}" for step in steps)
    return Jsonata(f"{reason} & '{commands}'")
