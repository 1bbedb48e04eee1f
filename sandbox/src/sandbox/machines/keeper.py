"""The server's parent, which kills orphaned processes, and all that remain after the server's death.

As "subreaper" (prctl(2), PR_SET_CHILD_SUBREAPER) it becomes the parent of each orphaned descendant, daemons included,
and needs no list of them. The leader of a job is a subreaper itself (process.py), so background processes of a job come
here when the job has ended. If the keeper dies first, a SIGTERM stops the server in order.
It can be bound to a process: when that one has ended, it stops the server in order, and kills it if it does not stop.
It runs as long as the sandbox, so it imports as little as possible: `python -I -S keeper.py BOUND_TO COMMAND...`.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_INTERVAL = 1.0
_PAUSE = 0.02
_STOP_TIMEOUT = 20.0


class Bond:
    """A process that the server must not outlive; 0 for none."""

    def __init__(self, process: int) -> None:
        self._process = process
        # A descriptor stands for the process itself: its number may be given to another one.
        self._descriptor = os.pidfd_open(process) if process and hasattr(os, "pidfd_open") else None

    def holds(self) -> bool:
        if self._descriptor is not None:
            return not select.select([self._descriptor], [], [], 0)[0]
        return not self._process or _is_running(self._process)


def keep(bond: Bond, command: list[str]) -> int:
    """Run the command; return its exit status once all its descendants have ended."""
    adopt_orphans()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    keeper = os.getpid()
    server = os.fork()
    if server == 0:
        _become_server(keeper, command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: os.kill(server, received))
    status = kill_at = None
    while status is None:
        signal.sigtimedwait({signal.SIGCHLD}, _INTERVAL)
        kill_children(spared=server)
        status = reap().get(server)
        if status is None and not bond.holds():
            kill_at = kill_at or time.monotonic() + _STOP_TIMEOUT
            os.kill(server, signal.SIGTERM if time.monotonic() < kill_at else signal.SIGKILL)
    end_children()
    return os.waitstatus_to_exitcode(status)


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants, if the kernel supports it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_children() -> None:
    """Kill all children, and the orphans adopted meanwhile, until none is left."""
    while kill_children(spared=0):
        signal.sigtimedwait({signal.SIGCHLD}, _PAUSE)
        reap()


def reap() -> dict[int, int]:
    """The wait status of every child that has ended, by its process id."""
    ended: dict[int, int] = {}
    try:
        while (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            ended[found[0]] = found[1]
    except ChildProcessError:
        pass
    return ended


def kill_children(spared: int) -> list[int]:
    """Send SIGKILL to every child but one; return their ids."""
    found = [child for child in children_of(os.getpid()) if child != spared]
    for child in found:
        os.kill(child, signal.SIGKILL)
    return found


def children_of(parent: int) -> list[int]:
    """The children of a process in /proc, ended ones too; empty without /proc."""
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stat:
                    fields = stat.read().rpartition(b")")[2].split()  # the name before may hold anything
            except OSError:
                continue
            if int(fields[1]) == parent:
                found.append(int(name))
    return found


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's process runs
    return True


def _become_server(keeper: int, command: list[str]) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != keeper:
            os._exit(1)
    os.execv(command[0], command)


if __name__ == "__main__":
    code = keep(Bond(int(sys.argv[1])), sys.argv[2:])
    sys.exit(code if code >= 0 else 128 - code)
