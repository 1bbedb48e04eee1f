"""The sentence for a shell in which another Python than the checkout's runs its programs."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

_POINT = (
    'In this shell type: eval "$(.venv/bin/python -m sandbox env)" for the sandbox, or for an account '
    'export PATH="$PWD/.venv/bin:$PWD/node_modules/.bin:$PATH"'
)


def other_checkout(root: Path) -> str | None:
    """The sentence for the Python of another checkout; None for any other Python."""
    prefix, own = Path(sys.prefix).resolve(), root / ".venv"
    home = prefix.parent
    if not own.exists() or own.resolve() == prefix or not (home / "app.py").exists() or not (home / "specs").is_dir():
        return None
    return f"This shell uses the Python of another checkout, {home}; this one is {root}. {_POINT}"


def lacks(missing: ModuleNotFoundError, root: Path) -> str:
    """The sentence for a Python without a package. Raises the error itself if one of our modules is missing."""
    if (root / (missing.name or "").partition(".")[0]).exists():
        raise missing
    other = other_checkout(root)
    if other is not None:
        return other
    first = "" if (root / ".venv").exists() else "Run `make install` first. "
    return (
        f"{sys.executable or 'This Python'} ({platform.python_version()}) has no package {missing.name}; "
        f"the Python of this checkout is .venv/bin/python. {first}{_POINT}"
    )
