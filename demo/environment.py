"""The environment variables that keep a demo on this machine."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

_QUIET = {
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "CDK_DISABLE_VERSION_CHECK": "1",
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
    "PYTHONUNBUFFERED": "1",
}


def isolate(root: Path) -> None:
    """Leave this process and its children only one AWS setting: the sandbox's endpoint and credentials."""
    printed = subprocess.run(
        [sys.executable, "-m", "sandbox", "env"], cwd=root, check=True, capture_output=True, text=True, timeout=60
    )
    isolated = without_aws(os.environ) | _caches(root) | exports(printed.stdout.splitlines()) | _QUIET
    os.environ.clear()
    os.environ.update(isolated)


def without_aws(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables without those that name an AWS profile, account, region, role or endpoint."""
    return {name: value for name, value in variables.items() if not name.startswith(("AWS_", "CDK_DEFAULT_"))}


def exports(lines: Iterable[str]) -> dict[str, str]:
    """The variables in `export NAME=value` lines, as a shell reads them."""
    words = [shlex.split(line) for line in lines if line.startswith("export ")]
    return dict(assignment.split("=", 1) for _, assignment in words)


def _caches(root: Path) -> dict[str, str]:
    """The cache folders of the CDK and jsii: inside the checkout, as in the Makefile."""
    defaults = {"CDK_HOME": root / ".cache/cdk", "JSII_RUNTIME_PACKAGE_CACHE_ROOT": root / ".cache/jsii"}
    return {name: os.environ.get(name, str(path)) for name, path in defaults.items()}
