"""`retention`: the days for which the logs of jobs and endpoints are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from operations.aws.connection import connect
from operations.environment import log_retention
from operations.environment.log_retention import LogGroup
from operations.terminal.arguments import AsJson, EnvironmentName, find_environment, load_specs
from operations.terminal.confirmation import Confirmed, ask, require_same
from operations.terminal.render import err, out, print_json, say, size, table

_REASON = "This deletes older events, those of everybody's jobs in the account, too"


def command(environment_name: EnvironmentName, confirm: Confirmed = "", as_json: AsJson = False) -> None:
    """Keep the logs of jobs and endpoints for log_days.

    SageMaker alone would keep them for ever. The groups of jobs belong to all environments of an account and region,
    and to everything else there: the longest log_days counts, and a longer time that somebody chose stays. Shows its
    plan first, and changes nothing without --confirm (docs/logs.md).

    Example: python -m operations retention local --confirm local
    """
    specs = load_specs()
    environment = find_environment(specs, environment_name)
    connection = connect(environment)
    found = log_retention.find(connection, specs)
    changed = [group for group in found if group.changes]
    (err if as_json else out).print(_plan(environment.name, found))
    if changed:
        require_same(confirm or None, environment.name, _REASON)
        if not confirm:
            ask(environment.name, _REASON)
    for group in changed:
        log_retention.keep(connection, group)
        say(f"{group.name}: {group.wanted} days")
    if as_json:
        print_json([{**asdict(group), "changed": group in changed} for group in found])
    elif not changed:
        out.print("Nothing is to be changed.")


def _plan(environment: str, found: Sequence[LogGroup]) -> Table:
    rows = [
        (
            group.name,
            "all of the account" if group.is_shared else environment,
            size(group.stored_bytes),
            _days(group),
            f"{group.wanted} days" if group.changes else "stays",
        )
        for group in found
    ]
    return table(f"Logs of jobs and endpoints in {environment}", ("log group", "whose", "bytes", "kept for", ""), rows)


def _days(group: LogGroup) -> str:
    if not group.exists:
        return "does not exist yet"
    return "ever" if group.days is None else f"{group.days} days"
