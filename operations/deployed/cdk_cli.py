"""The CDK CLI of this checkout, and the variables that it runs with."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path


def find() -> str | None:
    """The path of this checkout's CLI, or of another on the PATH."""
    own = Path.cwd() / "node_modules" / ".bin" / "cdk"
    return str(own) if own.exists() else shutil.which("cdk")


def variables() -> Mapping[str, str]:
    """The variables of this process, with node and this Python first on the PATH: the CLI starts both."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return os.environ | {"PATH": path}
