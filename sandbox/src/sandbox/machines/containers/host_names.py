"""The names of a job's instances, `algo-1` to `algo-N`, and their resolution on one machine.

On AWS these names resolve inside the job's network. Here each instance has its own loopback address, and its processes
their own /etc/hosts (private_mounts.py). If the machine permits no such mounts, its /etc/hosts may hold the names
instead.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from sandbox.machines.containers.private_mounts import with_mounts

ETC_HOSTS = pathlib.Path("/etc/hosts")
_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


class Unresolvable(Exception):
    """When the instances of a job cannot find one another on this machine."""


def host_names(count: int) -> list[str]:
    """The names algo-1 to algo-N.

    Source: AWS, "How Amazon SageMaker AI Provides Training Information" (resourceconfig.json).
    """
    return [f"algo-{number}" for number in range(1, count + 1)]


def require_resolvable(names: Sequence[str]) -> None:
    """Raise Unresolvable if programs on this machine cannot resolve these names."""
    if len(names) > 1 and not private_hosts_work() and not _known_to_the_machine(names):
        entries = ", ".join(f"'127.0.0.1 {name}'" for name in names)
        raise Unresolvable(
            f"the instances {names[0]} to {names[-1]} of a job find one another by name, and this machine permits no "
            f"user namespaces, by which they get an /etc/hosts of their own. Permit them (Linux: sysctl -w "
            f"kernel.apparmor_restrict_unprivileged_userns=0), or add to /etc/hosts: {entries}. One instance needs none"
        )


def mounts(names: Sequence[str], job: str, folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """The /etc/hosts of a job's instances, if they need one; `folder` holds the file."""
    if len(names) < 2 or not private_hosts_work():
        return {}
    return {str(ETC_HOSTS): _write_hosts(names, job, folder)}


def addresses(names: Sequence[str], job: str) -> dict[str, str]:
    """A loopback address for each name, in one block a job, so that ports differ."""
    digest = hashlib.sha256(job.encode()).digest()
    block = int(_LOOPBACK.network_address) + ((64 + digest[0] % 128) << 16) + (digest[1] << 8)
    return {name: str(ipaddress.ip_address(block + number)) for number, name in enumerate(names, 1)}


def _write_hosts(names: Sequence[str], job: str, folder: pathlib.Path) -> pathlib.Path:
    known = ETC_HOSTS.read_text() if ETC_HOSTS.exists() else ""
    lines = [f"{address} {name}" for name, address in addresses(names, job).items()]
    path = folder / "hosts"
    path.write_text("\n".join([known.rstrip("\n"), *lines, ""]))
    return path


@functools.cache
def private_hosts_work() -> bool:
    """Try once whether a program of this user can have its own /etc/hosts."""
    if sys.platform != "linux":
        return False
    names = host_names(2)
    question = f"import socket; assert socket.gethostbyname('algo-2') == {addresses(names, 'try')['algo-2']!r}"
    with tempfile.TemporaryDirectory() as folder:
        hosts = _write_hosts(names, "try", pathlib.Path(folder))
        tried = with_mounts([sys.executable, "-I", "-S", "-c", question], {str(ETC_HOSTS): hosts})
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def _known_to_the_machine(names: Sequence[str]) -> bool:
    known = ETC_HOSTS.read_text() if ETC_HOSTS.exists() else ""
    entries = [line.partition("#")[0].split() for line in known.splitlines()]
    return set(names) <= {name for entry in entries for name in entry[1:]}
