"""The table of everything that `empty` and `retire` remove."""

from __future__ import annotations

from rich.table import Table

from operations.environment.leftovers import Leftovers
from operations.terminal.render import table


def summary(found: Leftovers) -> Table:
    """A table of everything that will be removed."""
    rows = [
        *(("bucket", bucket, f"{count} object versions") for bucket, count in found.objects.items()),
        *(("model package group", group, _versions(found, arns)) for group, arns in found.packages.items()),
        *(("endpoint configuration", name, "retained, does not serve") for name in found.configurations),
        *(("model", name, "retained, does not serve") for name in found.models),
        *(("execution", arn, "runs: will be stopped") for arn in found.running),
    ]
    return table(f"To remove from {found.environment}", ("what", "name", ""), rows)


def _versions(found: Leftovers, arns: tuple[str, ...]) -> str:
    return f"{len(arns)} versions" + (", retained" if found.retaining else "")
