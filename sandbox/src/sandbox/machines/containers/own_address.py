"""A host's own address for its servers that listen at all addresses.

On AWS each instance of a job has a network, and all may serve at one port, as TensorFlow's workers do. Here they share
the machine's. This file, run as a program, starts the command and stays beside it: the kernel asks it about each bind
and connect (seccomp_unotify(2)), and what would listen at all addresses listens at the host's own. Connections to
localhost find it there.
"""

from __future__ import annotations

import ctypes
import fcntl
import functools
import os
import platform
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

_CALLS = {"x86_64": (0xC000_003E, 317, 49, 42), "aarch64": (0xC000_00B7, 277, 200, 203)}
"""By machine: its AUDIT_ARCH, and the numbers of seccomp, bind and connect (seccomp(2), syscalls(2))."""
_PIDFD_GETFD = 438
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_FILTER, _NEW_LISTENER = 1, 8
_ALLOW, _ASK = 0x7FFF_0000, 0x7FC0_0000
_LOAD, _EQUALS, _RETURN = 0x20, 0x15, 0x06
_RECEIVE, _SEND = 0xC050_2100, 0xC018_2101
_QUESTION, _ANSWER = struct.Struct("QIIiIQ6Q"), struct.Struct("QqiI")
_GO_ON = 1
_IPPROTO_IPV6, _IPV6_V6ONLY = 41, 26
_ANY, _LOOPBACK, _LOOPBACK_6 = bytes(4), bytes((127, 0, 0, 1)), bytes(15) + b"\x01"
_MAPPED = bytes(10) + b"\xff\xff"
_NOWHERE_6 = bytes(6) + _LOOPBACK_6 + bytes(4)
"""Any free port of the loopback interface, in a sockaddr_in6 after its family (ipv6(7))."""


def at_own_address(command: Sequence[str], address: str) -> list[str]:
    """The command, wrapped so that its servers listen at this address of the machine."""
    if not works():
        return list(command)
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), address, *command]


@functools.cache
def works() -> bool:
    """Try once whether the kernel asks a program of this user."""
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    question = (
        "import socket; probe = socket.create_server(('', 0)); port = probe.getsockname()[1]; probe.close(); "
        "server = socket.create_server(('', port)); assert server.getsockname() == ('127.0.0.9', port); "
        "socket.create_connection(('localhost', port))"
    )
    tried = [sys.executable, "-I", "-S", os.path.abspath(__file__), "127.0.0.9", sys.executable, "-I", "-S", "-c"]
    return subprocess.run([*tried, question], capture_output=True, check=False).returncode == 0


class Call(NamedTuple):
    """A bind or connect of a thread: its number, the socket there, and the address."""

    thread: int
    number: int
    descriptor: int
    address: bytes


class Supervisor:
    """The answers to the kernel's questions, for one host."""

    def __init__(self, address: str) -> None:
        self._own = socket.inet_aton(address)
        self._served: set[bytes] = set()
        self._libc = ctypes.CDLL(None, use_errno=True)
        _, _, self._bind, self._connect = _CALLS[platform.machine()]

    def answer(self, listener: int) -> None:
        """Answer one question; a thread that is gone has none any more."""
        buffer = bytearray(_QUESTION.size)
        try:
            fcntl.ioctl(listener, _RECEIVE, buffer)
            asked, thread, _, number, _, _, descriptor, place, length, *_ = _QUESTION.unpack(buffer)
            error = self._result(thread, number, descriptor, place, min(length, 128))
            told = _ANSWER.pack(asked, 0, 0, _GO_ON) if error is None else _ANSWER.pack(asked, 0, -error, 0)
            fcntl.ioctl(listener, _SEND, bytearray(told))
        except OSError:
            return

    def _result(self, thread: int, number: int, descriptor: int, place: int, length: int) -> int | None:
        """The error number of a call made in its place, or None for none made."""
        try:
            with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
                memory.seek(place)
                call = Call(thread, number, descriptor, memory.read(length))
            other = self._other_address(call)
            return None if other is None else self._make(call, other)
        except OSError:
            return None

    def _other_address(self, call: Call) -> bytes | None:
        family = int.from_bytes(call.address[:2], sys.byteorder)
        port, rest = call.address[2:4], call.address[4:]
        if port == bytes(2):
            return None
        if family == socket.AF_INET and self._is_here(call.number, port, rest[:4]):
            return call.address[:4] + self._own + bytes(8)
        if family == socket.AF_INET6 and self._is_here(call.number, port, _as_ipv4(rest[4:20])):
            return call.address[:8] + _MAPPED + self._own + bytes(4)
        return None

    def _is_here(self, number: int, port: bytes, address: bytes) -> bool:
        """Tell whether the address means this host, and not the machine."""
        if number == self._bind and address == _ANY:
            self._served.add(port)
            return True
        return number == self._connect and address == _LOOPBACK and port in self._served

    def _make(self, call: Call, address: bytes) -> int:
        """Make the call on the thread's own socket; return its error number."""
        process = os.pidfd_open(_process_of(call.thread))
        copy = self._libc.syscall(_PIDFD_GETFD, process, call.descriptor, 0)
        os.close(process)
        if copy < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
        with socket.socket(fileno=copy) as found:
            if found.family == socket.AF_INET6 and found.getsockopt(_IPPROTO_IPV6, _IPV6_V6ONLY):
                address = address[:2] + _NOWHERE_6  # the hosts have no IPv6 between them
            function = self._libc.bind if call.number == self._bind else self._libc.connect
            return 0 if function(copy, address, len(address)) == 0 else ctypes.get_errno()


def _as_ipv4(address: bytes) -> bytes:
    """The IPv4 address that an IPv6 address stands for, or itself."""
    if address == bytes(16):
        return _ANY
    if address == _LOOPBACK_6:
        return _LOOPBACK
    return address[12:] if address.startswith(_MAPPED) else address


def _process_of(thread: int) -> int:
    with open(f"/proc/{thread}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("Tgid:"))


def run(address: str, command: Sequence[str]) -> int:
    """Run the command beside this process; return its exit status, as a shell tells it."""
    here, there = socket.socketpair()
    child = os.fork()
    if child == 0:
        here.close()
        _become(there, command)
    there.close()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # the command gets it as well, and decides
    ended, supervisor = os.pidfd_open(child), Supervisor(address)
    _, (listener,), *_ = socket.recv_fds(here, 1, 1)
    questions = select.poll()
    questions.register(ended, select.POLLIN)
    questions.register(listener, select.POLLIN)
    while ended not in (ready := dict(questions.poll())):
        if ready[listener] & select.POLLIN:
            supervisor.answer(listener)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else 128 - code


def _become(there: socket.socket, command: Sequence[str]) -> None:
    """Ask the kernel to ask, hand over where it does, and become the command."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    listener = _install(libc)
    socket.send_fds(there, [b"."], [listener])
    os.close(listener)
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", flush=True)
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def _install(libc: ctypes.CDLL) -> int:
    """Install a filter that asks about bind and connect; return where the questions come."""
    architecture, seccomp, bind, connect = _CALLS[platform.machine()]
    steps = [
        (_LOAD, 0, 0, 4),
        (_EQUALS, 0, 3, architecture),
        (_LOAD, 0, 0, 0),
        (_EQUALS, 2, 0, bind),
        (_EQUALS, 1, 0, connect),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ASK),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
    listener = libc.syscall(seccomp, _FILTER, _NEW_LISTENER, program)
    if listener < 0:
        os._exit(126)
    return int(listener)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
