"""One environment in a sandbox, deployed by the CDK CLI and operated by commands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from own_sandbox import ROOT, OwnSandbox
from sandbox.access import Statement, Use, statements, uses

ENVIRONMENT, MODEL = "local", "digits-cnn"
QUIET = ("--no-notices", "--no-color")


@dataclass(frozen=True)
class System:
    """A deployed system as its operator sees it; `root` is the checkout that declares it."""

    own: OwnSandbox
    outdir: Path
    root: Path = ROOT

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return self._run(command, self.root)

    def bootstrap(self) -> None:
        """Bootstrap where no application is, so that the CLI does not synthesize one."""
        result = self._run(("cdk", "bootstrap", "aws://000000000000/us-east-1", *QUIET), self.outdir.parent)
        assert result.returncode == 0, result.stdout + result.stderr

    def cdk(self, verb: str, *arguments: str, code: int = 0) -> str:
        """Synthesize and run the CLI; gives its words. It must end with ``code``."""
        return self._cdk(verb, *arguments, "-c", f"environment={ENVIRONMENT}", "-o", str(self.outdir), code=code)

    def cdk_again(self, verb: str, *arguments: str, code: int = 0) -> str:
        """Run the CLI on the last synthesis, where no declaration changed since."""
        return self._cdk(verb, *arguments, "--app", str(self.outdir), code=code)

    def _cdk(self, verb: str, *arguments: str, code: int) -> str:
        together = ("--concurrency", "8") if verb in {"deploy", "destroy"} else ()
        result = self.run("cdk", verb, *arguments, *together, *QUIET)
        assert result.returncode == code, result.stdout + result.stderr
        return result.stdout + result.stderr

    def _run(self, command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        environment = self.own.environment | self.own.exports
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    def operate(self, command: str, *arguments: str, code: int = 0) -> str:
        """The output of a command; it must end with ``code``."""
        result = self.run(sys.executable, "-m", "operations", command, ENVIRONMENT, *arguments)
        assert result.returncode == code, f"exit code {result.returncode}\n{result.stdout}{result.stderr}"
        assert "Traceback" not in result.stderr
        return result.stdout + result.stderr

    def sandbox(self, *arguments: str) -> str:
        return self.own.run(*arguments)

    def client(self, service: str) -> Any:
        return self.own.aws(service)


@dataclass
class Access:
    """The granted and the used permissions of the stacks' roles, saved before the destroy."""

    granted: list[Statement] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)

    def remember(self, system: System) -> None:
        self.granted = statements(system.client("iam"), "slipway-*")
        self.uses = uses(system.own.home)


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
