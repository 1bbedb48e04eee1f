"""The agreement of a shell's variables with an environment: the sandbox for `local`, AWS for the others."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from specs.environment import SANDBOX_ACCOUNT, EnvironmentSpec
from specs.load import load
from specs.problems import SpecError

_SANDBOX = ".venv/bin/python -m sandbox"
START = f"{_SANDBOX} up"
POINT = f'eval "$({_SANDBOX} env)"'
_IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
"""Makes the SDKs ignore the variables of endpoints. Source: AWS SDKs Guide, "Service-specific endpoints"."""
_PROBE_SECONDS = 2.0


def misdirected(environment: EnvironmentSpec, variables: Mapping[str, str]) -> str | None:
    """Explain why the variables lead elsewhere than to the environment; None if they lead there."""
    url = variables.get("AWS_ENDPOINT_URL", "")
    if environment.account != SANDBOX_ACCOUNT:
        if not is_loopback(url):
            return None
        return (
            f"Environment {environment.name} is in account {environment.account}, and this shell points to the "
            f"sandbox: AWS_ENDPOINT_URL is {url!r}. Open a new shell, and log in to the account."
        )
    received = _elsewhere(url, variables)
    if received is None:
        return None
    return f"Environment {environment.name} exists only on the sandbox, and {received}. Type: {START} && {POINT}"


def unreachable(environment: EnvironmentSpec, variables: Mapping[str, str]) -> str | None:
    """Explain why no command can reach the environment: misdirected variables, or a sandbox that is down."""
    found = misdirected(environment, variables)
    if found is None and environment.account == SANDBOX_ACCOUNT and not _answers(variables["AWS_ENDPOINT_URL"]):
        return f"The sandbox does not answer at {variables['AWS_ENDPOINT_URL']}. Type: {START} && {POINT}"
    return found


def is_loopback(url: str) -> bool:
    """Tell whether a URL stays on this machine: localhost, 127.0.0.0/8 or ::1."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _elsewhere(url: str, variables: Mapping[str, str]) -> str | None:
    """The variable that leads away from the sandbox, in words."""
    if not url:
        return "AWS_ENDPOINT_URL is not set"
    if not is_loopback(url):
        return f"AWS_ENDPOINT_URL is {url!r}"
    for name, value in sorted(variables.items()):
        if name.startswith("AWS_ENDPOINT_URL_") and not is_loopback(value):
            return f"{name} is {value!r}"
    return f"{_IGNORE} is set" if variables.get(_IGNORE, "").lower() == "true" else None


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), _PROBE_SECONDS):
            return True
    except (OSError, ValueError):
        return False


def main() -> None:
    """Check an environment by name, for the Makefile: `python -m specs.reach dev`."""
    try:
        environment = load(Path.cwd()).environment(sys.argv[1])
    except SpecError as error:
        sys.exit(str(error))
    if (sentence := misdirected(environment, os.environ)) is not None:
        sys.exit(sentence)


if __name__ == "__main__":
    main()
