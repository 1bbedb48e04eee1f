"""The page sandbox/IMAGES.md: in what the Python of jobs and handlers differs from AWS's images."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from sandbox.machines.images.installed import Installed, installed, this_python, with_dependencies
from sandbox.machines.images.tables import TABLES, UNKNOWN, Table, table_of

COMMAND = "python -m sandbox images"

_HEAD = f"""# What containers hold here, and on AWS

Written by `{COMMAND}` with Python 3.11 from the tables of AWS's images, each with its source
(`src/sandbox/machines/images/tables/`), and the installed packages; a test fails when this page is old. Jobs and
handlers see the distributions that their image holds, by links to those installed here; of an image without a table,
all. Nothing else can be imported. An import from a distribution that the image holds and this machine lacks fails with
a sentence that names image, version and cure: `python -m pip install DISTRIBUTION==VERSION` beside the sandbox. Not
compared: pip, and Python itself, which is 3.12 in the images.
"""
_NOT_COMPARED = ("pip",)
_WIDTH = 120


def current_page() -> str:
    """The page of this machine."""
    known = installed(this_python())
    tables = [table for name in TABLES if (table := table_of(name)) is not None]
    return "\n".join([_HEAD, *(_section(table, known) for table in tables)])


def _section(table: Table, known: dict[str, Installed]) -> str:
    held = {table.name_of(name): each for name, each in known.items() if table.holds(name)}
    others = with_dependencies((each.name for each in held.values()), known) - {each.name for each in held.values()}
    return "\n".join(
        [
            f"## {table.repository}\n\n| distribution | AWS | here |\n|---|---|---|",
            *_differences(table, held),
            *("", *textwrap.wrap(f"Not installed here: {_absent(table, held)}.", _WIDTH, break_on_hyphens=False)),
            *("", f"Here in addition, as newer versions need it: {', '.join(sorted(others)) or 'nothing'}.", ""),
        ]
    )


def _differences(table: Table, held: dict[str, Installed]) -> Iterator[str]:
    for name, distribution in table.distributions.items():
        here = held.get(name)
        if here is not None and name not in _NOT_COMPARED and here.version != distribution.version:
            yield f"| {here.name} | {distribution.version} | {here.version} |"


def _absent(table: Table, held: dict[str, Installed]) -> str:
    absent = [each for name, each in table.distributions.items() if name not in held]
    return ", ".join(f"{each.name} {each.version}".removesuffix(f" {UNKNOWN}") for each in absent)
