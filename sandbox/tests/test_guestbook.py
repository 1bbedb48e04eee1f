"""Another CDK application on the sandbox: deployed, used, changed and destroyed by the real CLI."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "sandbox" / "examples" / "guestbook"
STACK = "guestbook"


@dataclass(frozen=True)
class Example:
    """The application and a shell that points to its own sandbox."""

    environment: dict[str, str]
    outdir: Path

    def cdk(self, verb: str, *arguments: str) -> str:
        """The CLI's words; it must succeed."""
        command = ["cdk", verb, *arguments, "--no-notices", "--no-color"]
        result = subprocess.run(command, cwd=EXAMPLE, env=self.environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout + result.stderr

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.environment["AWS_ENDPOINT_URL"], region_name="us-east-1", **keys)

    def outputs(self) -> dict[str, str]:
        (stack,) = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}

    def sign(self, name: str) -> str:
        """Sign the book by an event; what a reader then hears."""
        entry = {"Source": "guestbook", "DetailType": "Signed", "Detail": json.dumps({"name": name})}
        self.client("events").put_events(Entries=[entry])
        queue = {"QueueUrl": self.outputs()["ReadersUrl"]}
        (message,) = self.client("sqs").receive_message(**queue, WaitTimeSeconds=20)["Messages"]
        self.client("sqs").delete_message(**queue, ReceiptHandle=message["ReceiptHandle"])
        return message["Body"]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    home = tmp_path_factory.mktemp("example")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    clean |= {"SANDBOX_HOME": str(home / "sandbox"), "SANDBOX_PORT": str(port), "CDK_HOME": str(home / "cdk")}
    sandbox = [sys.executable, "-m", "sandbox"]
    subprocess.run([*sandbox, "up"], env=clean, cwd=ROOT, check=True)
    try:
        said = subprocess.run([*sandbox, "env"], env=clean, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        exports = [line.removeprefix("export ") for line in said.splitlines() if line.startswith("export")]
        pointed = dict(shlex.split(line)[0].split("=", 1) for line in exports)
        yield Example(clean | pointed, home / "cdk.out")
    finally:
        subprocess.run([*sandbox, "down"], env=clean, cwd=ROOT, check=True)


def test_an_application_that_the_sandbox_has_never_seen(example: Example) -> None:
    example.cdk("bootstrap", "aws://000000000000/us-east-1")
    example.cdk("deploy", "--require-approval", "never", "-o", str(example.outdir))
    assert example.sign("Ada") == "Hello, Ada"
    pages = example.outputs()["PagesName"]
    kept = example.client("s3").get_object(Bucket=pages, Key="Ada")
    assert kept["Body"].read() == b"Hello, Ada"
    assert kept["ServerSideEncryption"] == "AES256"

    changes = example.cdk("diff", "-c", "greeting=Welcome", "-o", str(example.outdir))
    assert "[~] AWS::Lambda::Function Greet" in changes
    assert changes.count("[~] AWS::") == 1
    synthesized = ("--app", str(example.outdir))
    example.cdk("deploy", "--require-approval", "never", *synthesized)
    assert example.sign("Grace") == "Welcome, Grace"

    example.client("s3").delete_objects(Bucket=pages, Delete={"Objects": [{"Key": "Ada"}, {"Key": "Grace"}]})
    example.cdk("destroy", "--force", *synthesized)
    assert pages not in {bucket["Name"] for bucket in example.client("s3").list_buckets()["Buckets"]}
    assert example.client("lambda").list_functions()["Functions"] == []
    assert example.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert example.client("sns").list_topics()["Topics"] == []
    assert example.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
