"""`resize`: scaling goes off, the deploy runs, scaling comes back; whatever happens in between."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from outcome import ROOT, Run
from rich.console import Console

from operations.aws.connection import Connection
from operations.commands import resize
from operations.commands.status import as_tables
from operations.deployed import scaling
from operations.environment.state import EnvironmentState, ModelState
from specs import names

STACK = names.serving_stack("local", "digits-cnn")
DECLARED = "ml.m5.large"


@dataclass
class Aws:
    """A connection: one serving stack and its endpoint."""

    scaled: str | None = "ml.c5.large"
    serves: str | None = "ml.c5.large"
    parameters: list[str] = field(default_factory=list)
    environment: Any = field(default_factory=lambda: SimpleNamespace(name="local"))

    def client(self, service: str) -> Any:
        return self

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        scaled = [] if self.scaled is None else [(names.SCALED_TYPE, self.scaled)]
        found = [{"ParameterKey": key, "ParameterValue": value} for key, value in [("Released", "arn"), *scaled]]
        return {"Stacks": [{"StackStatus": "UPDATE_COMPLETE", "Parameters": found}]}

    def update_stack(self, Parameters: list[dict[str, Any]], **request: Any) -> None:
        scaled, released = Parameters
        assert request == {"StackName": STACK, "UsePreviousTemplate": True}
        assert released == {"ParameterKey": "Released", "UsePreviousValue": True}
        if scaled["ParameterValue"] == self.scaled:
            raise ClientError({"Error": {"Message": "No updates are to be performed."}}, "UpdateStack")
        self.scaled = scaled["ParameterValue"]
        self.parameters.append(self.scaled)

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:
        if self.serves is None:
            error = {"Code": "ValidationException", "Message": "Could not find endpoint"}
            raise ClientError({"Error": error}, "DescribeEndpoint")
        return {"EndpointName": EndpointName, "EndpointStatus": "InService", "EndpointConfigName": "config"}

    def describe_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:
        return {"ProductionVariants": [{"ModelName": "model", "InstanceType": self.serves}]}

    def describe_model(self, ModelName: str) -> dict[str, Any]:
        return {}


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let commands find this stack, and `cdk deploy` end with a code."""

    def put(aws: Aws, code: int = 0) -> None:
        def deploy(arguments: list[str], **options: Any) -> Any:
            assert arguments[1:3] == ["deploy", STACK]
            assert options["env"]["PATH"].startswith(str(Path(sys.executable).parent)), "the CLI starts node and Python"
            assert aws.scaled == "", "scaling is off while the instance type changes"
            if code == 0 and aws.serves:
                aws.serves = DECLARED
            return SimpleNamespace(returncode=code)

        monkeypatch.setattr(resize, "connect", lambda _: aws)
        monkeypatch.setattr(resize.subprocess, "run", deploy)

    return put


@pytest.mark.parametrize(
    ("aws", "switched"),
    [
        (Aws(), ["", DECLARED]),
        (Aws(scaled=""), [DECLARED]),
        (Aws(scaled="", serves=DECLARED), [DECLARED]),
        (Aws(serves=None), ["", DECLARED]),
    ],
    ids=["another type", "cut off before the deploy", "cut off after the deploy", "nothing released"],
)
def test_scaling_is_off_during_the_deploy_and_on_afterwards(
    operations: Run, deployed: Any, aws: Aws, switched: list[str]
) -> None:
    deployed(aws)
    done = operations("resize", "local", "digits-cnn")
    assert (done.code, aws.parameters) == (0, switched)
    assert f"serves with {DECLARED}, and is scaled automatically again" in " ".join(done.out.split())


def test_failed_deploy_leaves_the_old_type_scaled(operations: Run, deployed: Any) -> None:
    aws = Aws()
    deployed(aws, code=1)
    failed = operations("resize", "local", "digits-cnn")
    assert (failed.code, aws.parameters) == (1, ["", "ml.c5.large"])
    assert "ml.c5.large serves as before" in " ".join(failed.err.split())


def test_interrupted_deploy_leaves_the_type_that_serves_scaled(
    operations: Run, deployed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    aws = Aws()
    deployed(aws)
    monkeypatch.setattr(resize.subprocess, "run", interrupt)
    assert (operations("resize", "local", "digits-cnn").code, aws.parameters) == (130, ["", "ml.c5.large"])


@pytest.mark.parametrize(
    ("aws", "code", "sentence"),
    [
        (Aws(scaled=DECLARED), 2, f"is scaled as {DECLARED} already"),
        (Aws(scaled=None), 1, "scales nothing yet"),
    ],
)
def test_nothing_to_resize(operations: Run, deployed: Any, aws: Aws, code: int, sentence: str) -> None:
    deployed(aws)
    refused = operations("resize", "local", "digits-cnn")
    assert (refused.code, aws.parameters) == (code, [])
    assert sentence in " ".join(refused.err.split())


@pytest.mark.parametrize(
    ("aws", "off"),
    [(Aws(scaled=""), True), (Aws(), False), (Aws(scaled=None), False)],
    ids=["killed in between", "scaled", "scales nothing"],
)
def test_status_tells_of_scaling_that_a_killed_resize_left_off(aws: Aws, off: bool) -> None:
    assert scaling.is_off(cast(Connection, aws), STACK) is off
    model = ModelState("local", "digits-cnn", "accuracy", {}, unscaled=off)
    console = Console(width=160, file=StringIO())
    console.print(*as_tables(EnvironmentState("local", (), (model,), ())))
    assert ("python -m operations resize local digits-cnn" in cast(StringIO, console.file).getvalue()) is off


def test_environment_without_scaling_needs_no_resize(
    operations: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("models", "training", "inference"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "environments").mkdir()
    head, _, rest = (ROOT / "environments/local.toml").read_text().partition("[serving.autoscaling]")
    (tmp_path / "environments/local.toml").write_text(head + rest[rest.index("[serving.canary]") :])
    monkeypatch.chdir(tmp_path)
    refused = operations("resize", "local", "digits-cnn")
    assert refused.code == 2
    assert "has no [serving.autoscaling] in local" in " ".join(refused.err.split())


def test_a_busy_stack_is_waited_for_with_a_sentence_about_each_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = iter(
        ["UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]
    )
    aws, said = Aws(), list[str]()
    aws.describe_stacks = lambda StackName: {"Stacks": [{"StackStatus": next(statuses)}]}  # type: ignore[method-assign]
    monkeypatch.setattr(scaling.time, "sleep", lambda _: None)
    assert scaling.settled(cast(Connection, aws), STACK, said.append)["StackStatus"] == "UPDATE_COMPLETE"
    assert said == [
        f"Waiting for {STACK}, which is UPDATE_IN_PROGRESS.",
        f"Waiting for {STACK}, which is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS.",
    ]
