"""The private names of ministack that the sandbox relies on. Each module of this package declares its own.

ministack is pinned exactly; at start-up `check` names those that a new version moved.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import version
from types import ModuleType

from sandbox import corrections

SUPPORTED_VERSION = "1.5.33"


def _declaring() -> Iterator[ModuleType]:
    """Every module of this package that declares the private NAMES it needs."""
    for found in pkgutil.walk_packages(corrections.__path__, f"{corrections.__name__}."):
        module = importlib.import_module(found.name)
        if hasattr(module, "NAMES"):
            yield module


def check() -> list[str]:
    """Sentences on the names that are not where a module expects them."""
    gone = []
    if version("ministack") != SUPPORTED_VERSION:
        gone.append(f"ministack is {version('ministack')}; the sandbox is written for {SUPPORTED_VERSION}")
    for correction in _declaring():
        for module, names in correction.NAMES.items():
            found = importlib.import_module(module)
            gone += [f"{module}.{name} is gone" for name in names.split() if not hasattr(found, name)]
    return list(dict.fromkeys(gone))


def overrides() -> Iterator[tuple[str, str, str]]:
    """The overridden parts of ministack: (concern, part, reason)."""
    for correction in _declaring():
        for what, why in correction.OVERRIDES.items():
            yield correction.__name__.removeprefix(f"{corrections.__name__}."), what, why
