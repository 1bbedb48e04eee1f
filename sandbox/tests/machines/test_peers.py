"""Clients of the sandbox that are jobs, told by their connections."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sandbox.machines.peers import Peers, port

CONNECT = """
import socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(connection.getsockname()[1], flush=True)
sys.stdin.read()
"""


def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


@pytest.fixture
def sandbox_socket() -> Iterator[socket.socket]:
    with listener() as listening:
        yield listening


def connected_child(server: socket.socket) -> subprocess.Popen[str]:
    """A descendant of this process with a connection to the server."""
    command = [sys.executable, "-c", CONNECT, str(server.getsockname()[1])]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def is_job(server: socket.socket, child: subprocess.Popen[str]) -> bool:
    """Ask about a client of the server that has the port of the child's connection."""
    assert child.stdout is not None
    port.set(int(child.stdout.readline()))
    return Peers(server.getsockname()[1]).is_job()


def test_a_descendant_that_is_connected_to_the_sandbox_is_a_job(sandbox_socket: socket.socket) -> None:
    with connected_child(sandbox_socket) as child:
        assert is_job(sandbox_socket, child)
        child.communicate()


def test_a_descendant_with_the_port_towards_another_server_is_not(sandbox_socket: socket.socket) -> None:
    """The kernel gives one local port to several connections, if their other ends differ."""
    with listener() as another, connected_child(another) as child:
        assert not is_job(sandbox_socket, child)
        child.communicate()
