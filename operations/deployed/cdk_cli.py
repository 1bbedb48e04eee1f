"""The CDK CLI of this checkout, and the variables that it runs with."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from operations.errors import BadInput


def find() -> str:
    """The path of this checkout's CLI, or of another on the PATH. Raises ``BadInput`` without one."""
    own = Path.cwd() / "node_modules" / ".bin" / "cdk"
    found = str(own) if own.exists() else shutil.which("cdk")
    if found is None:
        raise BadInput("The CDK CLI was not found: run `make install` in this checkout.")
    return found


def variables() -> Mapping[str, str]:
    """The variables of this process, with node and this Python first on the PATH: the CLI starts both."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return os.environ | {"PATH": path}
