"""The private names of ministack that the sandbox relies on. Each module of this package declares its own.

ministack is pinned exactly, and `check` names at start-up whichever seam a new version moved.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import version
from types import ModuleType

from sandbox import corrections

SUPPORTED_VERSION = "1.5.33"


def seams() -> Iterator[ModuleType]:
    """Every module below this package that declares the private NAMES it needs."""
    for found in pkgutil.walk_packages(corrections.__path__, f"{corrections.__name__}."):
        module = importlib.import_module(found.name)
        if hasattr(module, "NAMES"):
            yield module


def check() -> list[str]:
    """The seams that are not where their module expects them, as sentences; empty when all is well."""
    gone = []
    if version("ministack") != SUPPORTED_VERSION:
        gone.append(f"ministack is {version('ministack')}; the sandbox is written for {SUPPORTED_VERSION}")
    for seam in seams():
        for module, names in seam.NAMES.items():
            found = importlib.import_module(module)
            gone += [f"{module}.{name} is gone" for name in names.split() if not hasattr(found, name)]
    return gone


def overrides() -> Iterator[tuple[str, str, str]]:
    """What of ministack is overridden: (concern, what, why)."""
    for seam in seams():
        for what, why in seam.OVERRIDES.items():
            yield seam.__name__.removeprefix(f"{corrections.__name__}."), what, why
