"""EnableNetworkIsolation: a served container without network and credentials, reached all the same."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import archives
import pytest
from botocore.exceptions import ClientError
from own_sandbox import OwnSandbox
from sandbox.machines.containers import isolation
from serving_lab import ServingLab

PROBE = """
import json, os, socket, subprocess, sys

def reaches(address, port):
    try:
        socket.create_connection((address, port), timeout=2).close()
        return True
    except OSError:
        return False

def found(port):
    secret = sorted(name for name in os.environ if name.startswith("AWS_") and "REGION" not in name)
    loopback = socket.create_server(("127.0.0.1", 0))
    return {
        "variables": secret,
        "sandbox": reaches("127.0.0.1", port),
        "metadata": reaches("169.254.169.254", 80),
        "itself": reaches(*loopback.getsockname()),
        "program": subprocess.run([sys.executable, "-c", "import numpy, PIL"], capture_output=True, text=True).stderr,
    }

def handler(data, context):
    import requests
    asked = json.loads(data.read())
    answer = requests.post(context.rest_uri, json={"instances": [[1.0, 2.0]]})
    return json.dumps({**found(asked["port"]), "served": answer.json()["predictions"]}), "application/json"
"""

CONTAINER_CREDENTIALS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]


def port_of(sandbox: OwnSandbox) -> int | None:
    return urlsplit(sandbox.url).port


@pytest.fixture(scope="module")
def lab(sandbox: OwnSandbox, tmp_path_factory: pytest.TempPathFactory) -> ServingLab:
    folder = archives.export(tmp_path_factory.mktemp("probe"))
    (folder / "code" / "inference.py").write_text(PROBE)
    return ServingLab(sandbox.aws, archives.pack(folder))


@pytest.fixture
def isolated(lab: ServingLab) -> Iterator[str]:
    name = lab.endpoint(lab.config(lab.model(EnableNetworkIsolation=True)))
    assert lab.settled(name)["EndpointStatus"] == "InService", lab.settled(name).get("FailureReason")
    yield name
    lab.sagemaker.delete_endpoint(EndpointName=name)


def test_an_isolated_container_has_neither_network_nor_credentials(
    lab: ServingLab, sandbox: OwnSandbox, isolated: str
) -> None:
    found = lab.invoke(isolated, {"port": port_of(sandbox)})
    assert found["served"] == [[2.0, 4.0]], "it is reached, and reaches TensorFlow Serving beside it"
    assert (found["sandbox"], found["metadata"]) == (False, False)
    assert [name for name in found["variables"] if name != "AWS_EC2_METADATA_DISABLED"] == []
    assert found["itself"] or not isolation.namespaces_work()


def test_another_container_reaches_aws_as_its_role(lab: ServingLab, sandbox: OwnSandbox) -> None:
    name = lab.endpoint(lab.config(lab.model()))
    assert lab.settled(name)["EndpointStatus"] == "InService"
    found = lab.invoke(name, {"port": port_of(sandbox)})
    lab.sagemaker.delete_endpoint(EndpointName=name)
    assert found["sandbox"] is True
    assert set(CONTAINER_CREDENTIALS) <= set(found["variables"])
    assert found["program"].endswith("ModuleNotFoundError: No module named 'PIL'\n"), (
        "its programs see the image as well"
    )


def test_the_model_says_whether_it_is_isolated(lab: ServingLab) -> None:
    for given in ({}, {"EnableNetworkIsolation": True}):
        name = lab.model(**given)
        described = lab.sagemaker.describe_model(ModelName=name)
        assert described["EnableNetworkIsolation"] is bool(given)


def test_a_stand_in_cannot_be_isolated(lab: ServingLab, sandbox: OwnSandbox) -> None:
    images = sandbox.home / "images.json"
    image = "111111111111.dkr.ecr.us-east-1.amazonaws.com/mine:1"
    before = images.read_text() if images.exists() else None
    images.write_text(json.dumps({image: ["python3", "serve.py"]}))
    try:
        with pytest.raises(ClientError, match="the sandbox cannot isolate '111111111111"):
            lab.model(PrimaryContainer={"Image": image, "ModelDataUrl": lab.archive_uri}, EnableNetworkIsolation=True)
    finally:
        images.unlink() if before is None else images.write_text(before)


HOOK = """
import socket, sys
from sandbox.machines.model_server.no_network import refuse_connections

allowed, other = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
refuse_connections(allowed.getsockname()[1])
socket.create_connection(allowed.getsockname()).close()
a, b = socket.socketpair()
b.sendall(b"x")
for refused in (
    lambda: socket.create_connection(other.getsockname()),
    lambda: socket.create_connection(("10.0.0.1", 443)),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.0.0.1", 53)),
    lambda: socket.getaddrinfo("example.com", 443),
):
    try:
        refused()
    except OSError as error:
        assert "Network is unreachable" in str(error), error
    else:
        sys.exit("a connection was allowed")
"""


def test_without_namespaces_python_itself_refuses_to_connect() -> None:
    done = subprocess.run([sys.executable, "-c", HOOK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_command_without_a_network_is_reached_at_its_port(tmp_path: Path) -> None:
    if not isolation.namespaces_work():
        pytest.skip("this machine permits no network namespaces")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = (
        "import os, socket\n"
        f"server = socket.socket(fileno=int(os.environ[{isolation.FRONT_SOCKET!r}])); server.listen()\n"
        "print('ready', sorted(name for _, name in socket.if_nameindex()), flush=True)\n"
        "peer, _ = server.accept(); peer.sendall(b'here'); peer.close()\n"
    )
    command: Any = isolation.isolated([sys.executable, "-c", program], port)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready ['lo'")
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            assert client.recv(10) == b"here"
