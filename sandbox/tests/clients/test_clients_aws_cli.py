"""The AWS CLI from PyPI, as an operator types it, against the sandbox."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from job_lab import Lab, unique
from own_sandbox import OwnSandbox

AWS = shutil.which("aws", path=str(Path(sys.executable).parent))
QUEUE = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"Url": {"Value": {"Ref": "Queue"}}}}'


class Cli:
    """The program, pointed to the sandbox by environment variables alone."""

    def __init__(self, sandbox: OwnSandbox) -> None:
        self.environment = sandbox.environment | sandbox.exports | {"AWS_PAGER": ""}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        assert AWS, "the AWS CLI is among the requirements"
        return subprocess.run([AWS, *words], env=self.environment, capture_output=True, text=True, check=False)

    def __call__(self, *words: str) -> Any:
        result = self.run(*words)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout) if result.stdout.startswith(("{", "[")) else result.stdout


@pytest.fixture(scope="module")
def cli(sandbox: OwnSandbox) -> Cli:
    return Cli(sandbox)


def test_a_job_is_created_awaited_and_described(cli: Cli, lab: Lab) -> None:
    request = lab.training("print('done')")
    name = request["TrainingJobName"]
    created = cli("sagemaker", "create-training-job", "--cli-input-json", json.dumps(request))
    assert created["TrainingJobArn"].endswith(f":training-job/{name}")
    cli("sagemaker", "wait", "training-job-completed-or-stopped", "--training-job-name", name)
    described = cli("sagemaker", "describe-training-job", "--training-job-name", name)
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == ("Completed", "Completed")
    listed = cli(
        "sagemaker", "list-training-jobs", "--name-contains", name, "--query", "TrainingJobSummaries[].TrainingJobName"
    )
    assert listed == [name]


def test_files_and_stacks(cli: Cli, lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1,2\n")
    (tmp_path / "stack.json").write_text(QUEUE)
    cli("s3", "cp", str(tmp_path / "data.csv"), lab.uri("cli/data.csv"))
    assert lab.get("cli/data.csv") == b"1,2\n"
    stack = unique("cli")
    cli("cloudformation", "deploy", "--stack-name", stack, "--template-file", str(tmp_path / "stack.json"))
    (described,) = cli("cloudformation", "describe-stacks", "--stack-name", stack)["Stacks"]
    assert described["StackStatus"] == "CREATE_COMPLETE"
    cli("cloudformation", "delete-stack", "--stack-name", stack)
    cli("cloudformation", "wait", "stack-delete-complete", "--stack-name", stack)


def test_a_refusal_is_what_the_cli_shows(cli: Cli) -> None:
    refused = cli.run("sagemaker", "describe-training-job", "--training-job-name", "no-such-job")
    assert refused.returncode == 255
    sentence = "An error occurred (ValidationException) when calling the DescribeTrainingJob operation: Requested"
    assert sentence in refused.stderr
