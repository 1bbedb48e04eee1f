"""The environment's name a second time, before what is hard to undo."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from operations.errors import BadInput

Confirmed = Annotated[str, typer.Option("--confirm", metavar="ENVIRONMENT", help="The name again.")]


def require_same(confirmed: str | None, environment: str, reason: str) -> None:
    """Require the confirmed name, or a terminal that can ask for it. Raises ``BadInput`` with the reason."""
    if confirmed is None and not sys.stdin.isatty():
        raise BadInput(f"{reason}: confirm it with --confirm {environment}.")
    if confirmed not in (None, environment):
        raise BadInput(f"--confirm {confirmed} is not the environment's name: give --confirm {environment}.")


def ask(environment: str, reason: str) -> None:
    """Ask for the name. Raises ``BadInput`` for another one."""
    typed = typer.prompt(f"{reason}. Type the environment's name ({environment}) to go on", err=True)
    require_same(typed, environment, reason)
