"""One sandbox, one environment, deployed by the real CDK CLI; the commands are those that people type."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from sandbox.access.policies import Statement, role_names, statements
from sandbox.corrections.iam.access_record import Use, read

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT, MODEL = "local", "digits-cnn"


@dataclass(frozen=True)
class System:
    """A deployed system as its operator sees it."""

    environment: dict[str, str]
    outdir: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def cdk(self, verb: str, *arguments: str) -> str:
        """The CLI's words; it must succeed."""
        context = ("-c", f"environment={ENVIRONMENT}", "-o", str(self.outdir), "--no-notices", "--no-color")
        result = self.run("cdk", verb, *arguments, *context)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout + result.stderr

    def operate(self, command: str, *arguments: str, code: int = 0) -> str:
        """What a command prints; it must end with ``code``."""
        result = self.run(sys.executable, "-m", "operations", command, ENVIRONMENT, *arguments)
        assert result.returncode == code, f"exit code {result.returncode}\n{result.stdout}{result.stderr}"
        assert "Traceback" not in result.stderr
        return result.stdout + result.stderr

    def sandbox(self, *arguments: str) -> str:
        result = self.run(sys.executable, "-m", "sandbox", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.environment["AWS_ENDPOINT_URL"], region_name="us-east-1", **keys)


@dataclass
class Access:
    """What the roles of the deployed stacks may do, and what they did; remembered before the stacks are destroyed."""

    granted: list[Statement] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)

    def remember(self, system: System) -> None:
        iam = system.client("iam")
        roles = [role for role in role_names(iam) if role.startswith("slipway-")]
        self.granted = [statement for role in roles for statement in statements(iam, role)]
        self.uses = read(Path(system.environment["SANDBOX_HOME"]) / "access.jsonl")


@pytest.fixture(scope="session")
def access() -> Access:
    """Of the whole path: test_whole_path.py fills it, test_whole_path_permissions.py judges it."""
    return Access()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    home = tmp_path_factory.mktemp("end-to-end")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    clean |= {"SANDBOX_HOME": str(home / "sandbox"), "SANDBOX_PORT": str(port), "CDK_HOME": str(home / "cdk")}
    start = System(clean, home / "cdk.out")
    start.sandbox("up")
    try:
        exports = [
            line.removeprefix("export ") for line in start.sandbox("env").splitlines() if line.startswith("export")
        ]
        pointed = dict(shlex.split(line)[0].split("=", 1) for line in exports)
        yield System(clean | pointed, start.outdir)
    finally:
        start.sandbox("down")


def versions(system: System) -> dict[int, str]:
    """Version and approval status of the model's packages."""
    found = system.client("sagemaker").list_model_packages(ModelPackageGroupName=f"slipway-{ENVIRONMENT}-{MODEL}")
    return {item["ModelPackageVersion"]: item["ModelApprovalStatus"] for item in found["ModelPackageSummaryList"]}


def output(system: System, stack: str, key: str) -> str:
    found = system.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return next(item["OutputValue"] for item in found if item["OutputKey"] == key)


def served(system: System) -> str:
    """The version that the endpoint answers with: from its configuration, by way of the model."""
    sagemaker = system.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName=f"slipway-{ENVIRONMENT}-{MODEL}")["EndpointConfigName"]
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    model = sagemaker.describe_model(ModelName=variant["ModelName"])
    return model["PrimaryContainer"]["ModelPackageName"].rpartition("/")[2]
