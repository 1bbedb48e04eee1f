"""A container's own files in the place of the machine's: its /opt/ml, its /etc/hosts.

This file, run as a program, enters a mount namespace (mount_namespaces(7)), mounts each file or folder over its place,
and becomes the command. Who is not root needs a user namespace as well (user_namespaces(7)), which not every machine
permits: ask `can_mount_over` first.
"""

from __future__ import annotations

import ctypes
import functools
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

CLONE_NEWNS, CLONE_NEWUSER = 0x0002_0000, 0x1000_0000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x4_0000
PR_SET_PDEATHSIG = 1
_END = "--"


def with_mounts(command: Sequence[str], mounts: Mapping[str, pathlib.Path]) -> list[str]:
    """The command, wrapped to see each source of `mounts` at its place: {"/opt/ml": folder}."""
    if not mounts:
        return list(command)
    pairs = [word for place, source in mounts.items() for word in (place, str(source))]
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), *pairs, _END, *command]


@functools.cache
def can_mount_over(place: str) -> bool:
    """Try once whether a program of this user can have its own folder there."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "tried").touch()
        question = [sys.executable, "-I", "-S", "-c", f"open({place!r} + '/tried')"]
        tried = with_mounts(question, {place: pathlib.Path(folder)})
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def become(mounts: Mapping[str, str], command: Sequence[str]) -> None:
    """Mount for this process and its descendants, then become the command."""
    libc = ctypes.CDLL(None, use_errno=True)
    _enter_namespaces(libc)
    for place, source in mounts.items():
        if not os.path.lexists(place):
            _make_place(libc, pathlib.Path(place), source)
        _bind(libc, source, place)
        if os.getcwd() == os.path.realpath(source):
            os.chdir(place)
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", flush=True)
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def _enter_namespaces(libc: ctypes.CDLL) -> None:
    """Enter a mount namespace; who is not root enters a user namespace as well."""
    if libc.unshare(CLONE_NEWNS) == 0:
        _require(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount")
        return
    user, group = os.getuid(), os.getgid()
    _require(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare")
    pathlib.Path("/proc/self/setgroups").write_text("deny")
    pathlib.Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    pathlib.Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    # New capabilities make the kernel forget the signal at the parent's death (prctl(2)).
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _make_place(libc: ctypes.CDLL, place: pathlib.Path, source: str) -> None:
    """Add a place for the source, for this namespace alone: its folder in memory, with all that the folder holds."""
    folder = place.parent
    behind = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    names = os.listdir(behind)
    _require(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, b"mode=755"), "mount")
    for name in names:
        held, copy = f"/proc/self/fd/{behind}/{name}", folder / name
        if os.path.islink(held):
            copy.symlink_to(os.readlink(held))
        else:
            _create_like(held, copy)
            _bind(libc, held, str(copy))
    os.close(behind)
    _create_like(source, place)


def _create_like(source: str, path: pathlib.Path) -> None:
    """An empty folder or file, as the source is one."""
    if os.path.isdir(source):
        path.mkdir()
    else:
        path.touch()


def _bind(libc: ctypes.CDLL, source: str, place: str) -> None:
    _require(libc.mount(os.fsencode(source), os.fsencode(place), None, MS_BIND | MS_REC, None), "mount")


def _require(status: int, call: str) -> None:
    if status != 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    end = sys.argv.index(_END)
    words = sys.argv[1:end]
    become(dict(zip(words[::2], words[1::2], strict=True)), sys.argv[end + 1 :])
