"""Servers of several hosts at one port of one machine."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sandbox.machines.containers.own_address import at_own_address, works

pytestmark = pytest.mark.skipif(not works(), reason="this machine's kernel asks no program about its sockets")
PORT = 23457
LISTEN = f"""
import socket
server = socket.create_server(("", {PORT}), dualstack_ipv6=DUAL, family=socket.AF_INET6 if DUAL else socket.AF_INET)
print(server.getsockname()[:2])
"""


def run(script: str, address: str = "127.77.0.1") -> subprocess.CompletedProcess[str]:
    command = at_own_address([sys.executable, "-c", script], address)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("dual", "told"), [("False", "127.77.0.1"), ("True", "::ffff:127.77.0.1")])
def test_what_listens_everywhere_listens_at_the_hosts_address(dual: str, told: str) -> None:
    script = LISTEN.replace("DUAL", dual) + (
        f"for name in ('localhost', '127.77.0.1'): socket.create_connection((name, {PORT})).close()\n"
        f"print(socket.socket().connect_ex(('127.77.0.2', {PORT})))"
    )
    assert run(script).stdout == f"('{told}', {PORT})\n111\n"


def test_two_hosts_serve_at_one_port() -> None:
    waiting = LISTEN.replace("DUAL", "False") + "input()"
    first = at_own_address([sys.executable, "-uc", waiting], "127.77.0.1")
    with subprocess.Popen(first, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"('127.77.0.1', {PORT})\n"
        other = run(LISTEN.replace("DUAL", "False") + f"socket.create_connection(('127.77.0.1', {PORT}))", "127.77.0.2")
        assert (other.returncode, other.stdout) == (0, f"('127.77.0.2', {PORT})\n"), other.stderr
        process.communicate("\n")


def test_a_server_for_two_families_has_both() -> None:
    script = (
        "import asyncio\n"
        "async def serve():\n"
        f"    server = await asyncio.start_server(lambda *_: None, None, {PORT})\n"
        "    print(sorted(each.getsockname()[0] for each in server.sockets))\n"
        "asyncio.run(serve())"
    )
    assert run(script).stdout == "['127.77.0.1', '::1']\n"


@pytest.mark.parametrize(
    ("script", "status"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_the_exit_status_is_the_commands(script: str, status: int) -> None:
    assert run(script).returncode == status


def test_a_missing_command_is_one_sentence() -> None:
    tried = subprocess.run(at_own_address(["no-such"], "127.77.0.1"), capture_output=True, text=True, check=False)
    assert (tried.returncode, tried.stdout) == (127, "no-such: No such file or directory\n")
