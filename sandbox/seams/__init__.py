"""Every private name of ministack that the sandbox relies on, and nothing else touches: one module a concern.

ministack is pinned exactly, and `check` names at start-up whichever seam a new version moved.
"""

from __future__ import annotations

import importlib
from importlib.metadata import version

from sandbox.seams import cloudformation, identity, services, state, stepfunctions

SUPPORTED_VERSION = "1.5.33"
SEAMS = (services, cloudformation, stepfunctions, identity, state)


def check() -> list[str]:
    """The seams that are not where their module expects them, as sentences; empty when all is well."""
    faults = []
    if version("ministack") != SUPPORTED_VERSION:
        faults.append(f"ministack is {version('ministack')}; the sandbox is written for {SUPPORTED_VERSION}")
    for seam in SEAMS:
        for module, names in seam.NAMES.items():
            found = importlib.import_module(module)
            faults += [f"{module}.{name} is gone" for name in names.split() if not hasattr(found, name)]
    return faults
