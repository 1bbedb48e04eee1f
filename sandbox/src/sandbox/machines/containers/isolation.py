"""A container without a network: it reaches its own loopback interface, and is reached at one port.

This file, run as a program, binds the port in the machine's network, enters a user and a network namespace
(network_namespaces(7): root is not needed), and becomes the command. A socket stays in the network in which it was
made, so the command answers at a port of the machine, and reaches none. If the kernel permits no such namespaces, the
command has to keep its own Python from connecting: `ONLY_PYTHON` tells it.
Source: AWS, "Run Training and Inference Containers in Internet-Free Mode".
"""

from __future__ import annotations

import ctypes
import fcntl
import functools
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence

FRONT_SOCKET = "SANDBOX_FRONT_SOCKET"
"""The variable with the number of the bound socket."""
ONLY_PYTHON = "SANDBOX_NO_NETWORK"
"""The variable that asks the command to refuse connections by itself."""
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1
_PR_SET_PDEATHSIG = 1


def isolated(command: Sequence[str], port: int) -> list[str]:
    """The command, wrapped to run without a network and to answer at the port."""
    if not namespaces_work():
        return list(command)
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), str(port), *command]


def variables() -> Mapping[str, str]:
    """The environment variables of an isolated command on this machine."""
    return {} if namespaces_work() else {ONLY_PYTHON: "1"}


@functools.cache
def namespaces_work() -> bool:
    """Try once whether a program of this user can have a network of its own."""
    if sys.platform != "linux":
        return False
    question = "import socket; socket.create_server(('127.0.0.1', 0)).close()"
    command = [sys.executable, "-I", "-S", os.path.abspath(__file__), "0", sys.executable, "-I", "-S", "-c", question]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def become(port: int, command: Sequence[str]) -> None:
    """Bind the port, leave the network, then become the command."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    bound.set_inheritable(True)
    _leave_network()
    os.environ[FRONT_SOCKET] = str(bound.fileno())
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", flush=True)
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def _leave_network() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")
    pathlib.Path("/proc/self/setgroups").write_text("deny")
    pathlib.Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    pathlib.Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    # New capabilities make the kernel forget the signal at the parent's death (prctl(2)).
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as interface:
        fcntl.ioctl(interface, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
