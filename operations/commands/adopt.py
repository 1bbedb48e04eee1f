"""`adopt`: bring retained resources back under their stacks, after a destroy."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from operations.aws.connection import connect
from operations.environment import adoption, assembly
from operations.environment.adoption import Adoption
from operations.terminal.arguments import AsJson, EnvironmentName, find_environment, load_specs
from operations.terminal.confirmation import Confirmed, ask, require_same
from operations.terminal.render import err, out, print_json, say, table
from specs import hints

_REASON = "Adopting changes stacks"
_From = Annotated[
    list[str] | None,
    typer.Option("--from", metavar="STACK-ID", help="The deleted stack to take resources of; may be repeated."),
]


def command(
    environment_name: EnvironmentName,
    confirm: Confirmed = "",
    origins: _From = None,
    as_json: AsJson = False,
) -> None:
    """Bring key, buckets, MLflow App and registry that a destroy retained back under their stacks.

    Shows its plan first, and changes nothing without --confirm. `cdk deploy` follows, and then `approve`, which
    releases the newest Approved version again (docs/destroy.md).

    Example: python -m operations adopt local --confirm local
    """
    environment = find_environment(load_specs(), environment_name)
    connection = connect(environment)
    with tempfile.TemporaryDirectory(prefix="adopt-") as folder:
        say(f"Reading the stacks of {environment.name} ...")
        synthesized = assembly.synthesize(environment.name, Path(folder))
        found = adoption.find(connection, synthesized, origins or [])
        if found:
            (err if as_json else out).print(_plan(environment.name, found))
            require_same(confirm or None, environment.name, _REASON)
            if not confirm:
                ask(environment.name, _REASON)
        for number, item in enumerate(found, 1):
            say(f"[{number}/{len(found)}] importing {len(item.resources)} resources into {item.stack} ...")
            adoption.adopt(connection, synthesized, item)
    if as_json:
        print_json([_document(item) for item in found])
    else:
        out.print(_result(environment.name, found))


def _plan(environment: str, found: Sequence[Adoption]) -> Table:
    rows = [
        *((item.stack, "a failed creation, holds nothing", "will be deleted") for item in found if item.failed),
        *(
            (item.stack, f"{resource.logical_id} ({resource.type_name})", resource.physical_id)
            for item in found
            for resource in item.resources
        ),
    ]
    return table(f"To adopt into {environment}", ("stack", "resource", "identifier"), rows)


def _document(item: Adoption) -> dict[str, Any]:
    return {"stack": item.stack, "from": item.origin.stack_id, "resources": [asdict(one) for one in item.resources]}


def _result(environment: str, found: Sequence[Adoption]) -> str:
    if not found:
        return f"Nothing waits to be adopted into {environment}: no stack that was deleted left resources behind."
    count = sum(len(item.resources) for item in found)
    return f"{count} resources are back under {len(found)} stacks. Next: {hints.deploy(environment)}"
