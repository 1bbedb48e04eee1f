"""The parent of the server: it ends every process that lost its parent, and all that are left when the server dies.

As "subreaper" (prctl(2), PR_SET_CHILD_SUBREAPER) it is given each descendant whose own parent has died, a daemon too,
and needs no list of them. A job's leader is one itself (sandbox/process.py), so what a running job put into the
background comes here when the job is over. Should the keeper die first, a SIGTERM ends the server in order.
It runs as long as the sandbox, so it imports next to nothing: `python -I -S keeper.py COMMAND...`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_INTERVAL = 1.0
_PAUSE = 0.02


def keep(command: list[str]) -> int:
    """Run the command and return its exit status once nothing that came of it is left."""
    adopt_orphans()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    keeper = os.getpid()
    server = os.fork()
    if server == 0:
        _become_server(keeper, command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: os.kill(server, received))
    status = None
    while status is None:
        signal.sigtimedwait({signal.SIGCHLD}, _INTERVAL)
        kill_children(spared=server)
        status = reap().get(server)
    end_children()
    return os.waitstatus_to_exitcode(status)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose parent dies, where the kernel offers that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_children() -> None:
    """Kill every child, and those that become children by that, until there is none."""
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
    """Send SIGKILL to every child but one; returns their ids."""
    found = [child for child in children_of(os.getpid()) if child != spared]
    for child in found:
        os.kill(child, signal.SIGKILL)
    return found


def children_of(parent: int) -> list[int]:
    """The children of a process, ended ones too, from the process table in /proc; none where there is no such table."""
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


def _become_server(keeper: int, command: list[str]) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != keeper:
            os._exit(1)
    os.execv(command[0], command)


if __name__ == "__main__":
    code = keep(sys.argv[1:])
    sys.exit(code if code >= 0 else 128 - code)
