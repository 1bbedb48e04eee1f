"""Every situation of a model: its sentence, and commands that the real command line takes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import command_lines
import pytest
from outcome import ROOT

from operations.deployed.endpoint import InService
from operations.deployed.registry import APPROVED, PENDING, REJECTED, PackageVersion
from operations.environment.situations import situation
from operations.environment.state import ModelState
from operations.workflows.executions import Execution
from specs import hints, names

PLACE = ("local", "digits-cnn")
TRAINING, RELEASE, SERVING = names.model_stacks(*PLACE)
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/slipway-local-digits-cnn"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DEPLOYED = dict.fromkeys((TRAINING, RELEASE, SERVING), "UPDATE_COMPLETE")
ALARM = "release failed: the serving stack ended UPDATE_ROLLBACK_COMPLETE: was rolled back: in state ALARM: x"


def execution(status: str, version: int | None = None, error: str | None = None, cause: str | None = None) -> Execution:
    """An execution; of a release if it has a version."""
    given = f'{{"detail": {{"ModelPackageArn": "{PACKAGE}/{version}"}}}}' if version else None
    return Execution("arn:execution", status, NOW, None, error, cause, None, input=given)


def endpoint(version: int, status: str = "InService", failure: str | None = None) -> InService:
    return InService("slipway-local-digits-cnn", status, "c", ("m",), "ml.m5.large", f"{PACKAGE}/{version}", failure)


def state(*approvals: str, serves: int | None = None, **given: Any) -> ModelState:
    """A deployed and trained model; `approvals` are those of its versions, the first one first."""
    packages = [PackageVersion(n, f"{PACKAGE}/{n}", approval, NOW) for n, approval in enumerate(approvals, 1)]
    newer = [package for package in packages if package.approval == APPROVED and package.version > (serves or 0)]
    found = ModelState(
        *PLACE,
        metric="accuracy",
        stacks=DEPLOYED,
        training=execution("SUCCEEDED"),
        versions=tuple((package, {}) for package in reversed(packages)),
        served=endpoint(serves) if serves else None,
        meant=f"{PACKAGE}/{serves}" if serves else None,
        unreleased=newer[-1] if newer else None,
    )
    return replace(found, **given)


def without(*stacks: str) -> dict[str, str]:
    return {name: status for name, status in DEPLOYED.items() if name not in stacks}


FAILED_2 = execution("FAILED", 2, "ReleaseFailed", "it broke")
PINNED = {"pinned": True, "unreleased": None}
LATER = replace(execution("FAILED", error="GateFailed", cause="accuracy 0.9 is below 0.99"), started=NOW + timedelta(1))

approve, rollback, train = (
    hints.approve(*PLACE, 2, wait=True),
    hints.rollback(*PLACE, 1),
    hints.train(*PLACE, watch=True),
)
deploy = hints.deploy("local")
serve_anew = hints.destroy("local", SERVING)
CASES: list[tuple[str, ModelState, str, tuple[str, ...]]] = [
    ("not deployed", state(stacks={}, training=None), "digits-cnn is not deployed in local.", (deploy,)),
    (
        "stack stuck",
        state(APPROVED, serves=1, stacks=DEPLOYED | {SERVING: "UPDATE_ROLLBACK_FAILED"}),
        f"Stack {SERVING} is UPDATE_ROLLBACK_FAILED: an update failed, and CloudFormation could not undo it.",
        (f"cdk rollback {SERVING} -c environment=local",),
    ),
    (
        "stack failed",
        state(stacks=DEPLOYED | {SERVING: "ROLLBACK_COMPLETE"}),
        f"Stack {SERVING} is ROLLBACK_COMPLETE, so nothing can be released.",
        (f"cdk deploy {SERVING} -c environment=local",),
    ),
    (
        "stack failed",
        state(stacks=DEPLOYED | {RELEASE: "DELETE_FAILED"}),
        f"Stack {RELEASE} is DELETE_FAILED",
        (f"cdk destroy {RELEASE} -c environment=local",),
    ),
    (
        "releasing",
        state(APPROVED, APPROVED, serves=1, release=execution("RUNNING", 2)),
        "Version 1 serves. A release of version 2 is under way.",
        (hints.watch(*PLACE, execution="arn:execution"),),
    ),
    (
        "stack changing",
        state(APPROVED, serves=1, stacks=DEPLOYED | {SERVING: "UPDATE_IN_PROGRESS"}),
        f"Stack {SERVING} is UPDATE_IN_PROGRESS: a deploy or a destroy is under way.",
        (hints.status(*PLACE),),
    ),
    (
        "parked",
        state(APPROVED, stacks=without(SERVING)),
        f"Nothing serves: stack {SERVING} is not deployed. The registry has 1 versions.",
        (hints.deploy("local", SERVING),),
    ),
    (
        "endpoint gone",
        state(APPROVED, meant=f"{PACKAGE}/1"),
        f"the endpoint was deleted, but not by its stack, which means {PACKAGE}/1.",
        (serve_anew,),
    ),
    (
        "endpoint failed",
        state(APPROVED, serves=1, served=endpoint(1, "Failed", "no capacity")),
        "The endpoint is Failed: no capacity. SageMaker can only delete it.",
        (serve_anew,),
    ),
    (
        "endpoint differs",
        state(APPROVED, REJECTED, serves=1, meant=f"{PACKAGE}/2"),
        f"Version 1 serves. But its stack means {PACKAGE}/2.",
        (hints.approve(*PLACE, 1, wait=True),),
    ),
    (
        "release not started",
        state(APPROVED, APPROVED, serves=1),
        "Version 1 serves. Version 2 is Approved, but no release of it has started",
        (approve,),
    ),
    (
        "release cut off",
        state(APPROVED, APPROVED, serves=1, attempt=execution("FAILED", 2, "StackNotUpdatable", "it is stuck")),
        "Version 2 is Approved, but its release ended as FAILED: StackNotUpdatable: it is stuck.",
        (approve,),
    ),
    (
        "release undone",
        state(REJECTED, APPROVED, attempt=execution("SUCCEEDED", 2)),
        "Nothing serves. Version 2 is Approved, and was released before.",
        (approve,),
    ),
    (
        "not pruned",
        state(APPROVED, APPROVED, serves=2, release=execution("FAILED", 2, "PruningFailed", "not authorized")),
        "Version 2 serves. Its release left the replaced resources behind: PruningFailed: not authorized.",
        (approve,),
    ),
    (
        "rollback failed",
        state(APPROVED, REJECTED, serves=2, release=execution("FAILED", 1, "ReleaseFailed", "it broke")),
        "Version 2 serves, although it is Rejected. The rollback to version 1 failed: ReleaseFailed: it broke.",
        (rollback, approve),
    ),
    (
        "serves Rejected",
        state(APPROVED, REJECTED, serves=2, release=execution("SUCCEEDED", 2)),
        "Version 2 serves, although it is Rejected.",
        (rollback, approve),
    ),
    (
        "serves Rejected",
        state(REJECTED, serves=1, pin=1, **PINNED),
        "Version 1 serves, although it is Rejected.",
        (deploy,),
    ),
    (
        "serves Rejected, no way back",
        state(REJECTED, REJECTED, serves=2, release=execution("FAILED", 1, "ReleaseFailed", "it broke")),
        "Version 2 serves, although it is Rejected. No older version is Approved",
        (train, approve),
    ),
    (
        "waits for approval",
        state(APPROVED, PENDING, serves=1),
        "Version 1 serves. Version 2 waits for approval.",
        (hints.report(*PLACE, execution="v2"), approve, hints.reject(*PLACE, 2)),
    ),
    (
        "waits for approval",
        state(APPROVED, PENDING, serves=1, pin=1, **PINNED),
        "Version 2 waits for approval.",
        (hints.report(*PLACE, execution="v2"), hints.approve(*PLACE, 2), hints.reject(*PLACE, 2)),
    ),
    (
        "pin not deployed",
        state(APPROVED, APPROVED, serves=1, pin=2, **PINNED),
        "Version 1 serves. environments/local.toml pins version 2.",
        (deploy,),
    ),
    (
        "not pinned",
        state(APPROVED, APPROVED, serves=1, pin=1, **PINNED),
        "Version 2 is Approved, and environments/local.toml, [release.pinned], does not name it.",
        (deploy,),
    ),
    ("training", state(training=execution("RUNNING")), "A training is under way.", (hints.watch(*PLACE),)),
    (
        "gate refused",
        state(APPROVED, serves=1, training=LATER),
        "Version 1 serves. The gate refused the last training: accuracy 0.9 is below 0.99.",
        (hints.report(*PLACE), train),
    ),
    (
        "training failed",
        state(training=execution("FAILED", error="TrainingFailed", cause="exit code 1")),
        "Nothing serves. The last training ended as FAILED: TrainingFailed: exit code 1.",
        (train,),
    ),
    (
        "canary rolled back",
        state(APPROVED, REJECTED, serves=1, reason=ALARM, release=FAILED_2),
        "Version 1 serves. Version 2 was not released, and is Rejected: the serving stack ended UPDATE_ROLLBACK_COMP",
        (train, approve),
    ),
    (
        "release rolled back",
        state(APPROVED, REJECTED, serves=1, reason="release failed: no archive", release=FAILED_2),
        "Version 1 serves. Version 2 was not released, and is Rejected: no archive.",
        (approve,),
    ),
    (
        "rejected",
        state(APPROVED, REJECTED, serves=1, reason="confuses 4 and 9"),
        "Version 1 serves. Version 2 was rejected: confuses 4 and 9.",
        (train, approve),
    ),
    (
        "passed over",
        state(APPROVED, APPROVED, serves=2, release=execution("SUCCEEDED", 1)),
        "Version 2 serves. The last release, of version 1, changed nothing.",
        (rollback,),
    ),
    (
        "passed over",
        state(APPROVED, APPROVED, serves=1, release=execution("SUCCEEDED", 2), attempt=execution("SUCCEEDED", 2)),
        "Version 1 serves. The last release, of version 2, changed nothing.",
        (approve,),
    ),
    (
        "never trained",
        state(training=None, lacks_data=True),
        "digits-cnn was never trained here.",
        (hints.upload(*PLACE, "FOLDER"), train),
    ),
    ("never trained", state(training=None), "digits-cnn was never trained here.", (train,)),
    ("nothing registered", state(), "Nothing serves, and no version waits or is Approved.", (train,)),
    ("released", state(APPROVED, serves=1, release=execution("SUCCEEDED", 1)), "Version 1 serves.", (train,)),
]


@pytest.mark.parametrize(
    ("name", "given", "sentence", "commands"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)
def test_a_situation_has_a_sentence_and_commands(
    name: str, given: ModelState, sentence: str, commands: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    found = situation(given)
    assert found.name == name
    assert sentence in found.sentence
    assert tuple(step.command for step in found.steps) == commands
    assert f"\n    {commands[0]}" in found.text(), "a line of its own, to copy"
    for command in command_lines.commands_in(found.text()):
        command_lines.read(command)


def test_somebody_went_back_past_an_approved_version() -> None:
    """Rolled back from 3 to 1: nothing is wrong with 2, and nothing asks for it."""
    back = state(APPROVED, APPROVED, REJECTED, serves=1, release=execution("SUCCEEDED", 1))
    assert situation(replace(back, attempt=execution("SUCCEEDED", 2))).name == "released"


def test_every_situation_is_tried_and_has_a_row() -> None:
    """The names are those in the code, in the cases above, and in docs/releases.md."""
    files = (ROOT / "operations/environment").glob("*_situations.py")
    declared = {name for file in files for name in re.findall(r'Situation\(\s*"([^"]+)"', file.read_text())}
    rows = re.findall(r"^\| ([\w ,]+?) \|", (ROOT / "docs/releases.md").read_text(), re.MULTILINE)
    assert {case[0] for case in CASES} == declared == set(rows) - {"situation"}
