"""Another CDK application on the sandbox: deployed, used, changed and destroyed by the real CLI."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from own_sandbox import ROOT, OwnSandbox
from sandboxes import NewSandbox

EXAMPLE = ROOT / "sandbox" / "examples" / "guestbook"
STACK = "guestbook"


@dataclass(frozen=True)
class Example:
    """The application and its own sandbox."""

    sandbox: OwnSandbox
    outdir: Path

    def cdk(self, verb: str, *arguments: str) -> str:
        """The CLI's words; it must succeed."""
        command = ["cdk", verb, *arguments, "--no-notices", "--no-color"]
        environment = self.sandbox.environment | self.sandbox.exports
        result = subprocess.run(command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout + result.stderr

    def outputs(self) -> dict[str, str]:
        (stack,) = self.sandbox.aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}

    def rewrite(self, changes: dict[str, str]) -> None:
        """Change the synthesized template, as an edit and a synthesis would."""
        template = self.outdir / f"{STACK}.template.json"
        text = template.read_text()
        for before, after in changes.items():
            assert before in text
            text = text.replace(before, after)
        template.write_text(text)

    def sign(self, name: str) -> str:
        """Sign the book by an event; what a reader then hears."""
        entry = {"Source": "guestbook", "DetailType": "Signed", "Detail": json.dumps({"name": name})}
        self.sandbox.aws("events").put_events(Entries=[entry])
        queue = {"QueueUrl": self.outputs()["ReadersUrl"]}
        (message,) = self.sandbox.aws("sqs").receive_message(**queue, WaitTimeSeconds=20)["Messages"]
        self.sandbox.aws("sqs").delete_message(**queue, ReceiptHandle=message["ReceiptHandle"])
        return message["Body"]


@pytest.fixture(scope="module")
def example(new_sandbox: NewSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    home = tmp_path_factory.mktemp("example")
    with new_sandbox(CDK_HOME=str(home / "cdk")).running() as sandbox:
        yield Example(sandbox, home / "cdk.out")


def test_an_application_that_the_sandbox_has_never_seen(example: Example) -> None:
    example.cdk("bootstrap", "aws://000000000000/us-east-1")
    example.cdk("deploy", "--require-approval", "never", "-o", str(example.outdir))
    assert example.sign("Ada") == "Hello, Ada"
    pages = example.outputs()["PagesName"]
    kept = example.sandbox.aws("s3").get_object(Bucket=pages, Key="Ada")
    assert kept["Body"].read() == b"Hello, Ada"
    assert kept["ServerSideEncryption"] == "AES256"

    changes = example.cdk("diff", "-c", "greeting=Welcome", "-o", str(example.outdir))
    assert "[~] AWS::Lambda::Function Greet" in changes
    assert changes.count("[~] AWS::") == 1
    synthesized = ("--app", str(example.outdir))
    example.cdk("deploy", "--require-approval", "never", *synthesized)
    assert example.sign("Grace") == "Welcome, Grace"

    example.rewrite({'"Welcome"': '"Howdy"', '{\\"StartAt\\"': '{\\"Comment\\":\\"swapped\\",\\"StartAt\\"'})
    said = example.cdk("deploy", "--hotswap", *synthesized)
    assert said.count("hotswapped!") == 2, "the function by Lambda, the state machine by Cloud Control"
    assert example.sign("Alan") == "Howdy, Alan"
    book = {"stateMachineArn": example.outputs()["BookArn"]}
    definition = example.sandbox.aws("stepfunctions").describe_state_machine(**book)["definition"]
    assert json.loads(definition)["Comment"] == "swapped"

    example.cdk("destroy", "--force", *synthesized)
    assert pages not in {bucket["Name"] for bucket in example.sandbox.aws("s3").list_buckets()["Buckets"]}
    assert example.sandbox.aws("lambda").list_functions()["Functions"] == []
    assert example.sandbox.aws("stepfunctions").list_state_machines()["stateMachines"] == []
    assert example.sandbox.aws("sns").list_topics()["Topics"] == []
    assert example.sandbox.aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
