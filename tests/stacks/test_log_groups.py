"""Log groups: their names, days, and what a role may write that no stack declares."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from specs import names

VARIANTS = ["local", "dev", "prod", "pin"]
ACCOUNT_WIDE = {"/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs"}
"""SageMaker's names, one for all jobs of an account: no environment owns them."""


def resources(templates: dict[str, dict], kind: str) -> dict[str, dict[str, Any]]:
    return {
        f"{stack}/{logical_id}": resource
        for stack, template in templates.items()
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def groups(templates: dict[str, dict]) -> list[dict[str, Any]]:
    return list(resources(templates, "AWS::Logs::LogGroup").values())


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_group_is_kept_for_the_days_of_the_environment(specs, variants, variant) -> None:
    days = specs.environment("prod" if variant == "pin" else variant).retention.log_days
    found = groups(variants[variant])
    assert found
    assert {group["Properties"]["RetentionInDays"] for group in found} == {days}


@pytest.mark.parametrize("variant", VARIANTS)
def test_workflows_log_below_the_prefix_that_needs_no_entry_of_its_own(variants, variant) -> None:
    templates = variants[variant]
    for place, machine in resources(templates, "AWS::StepFunctions::StateMachine").items():
        (destination,) = machine["Properties"]["LoggingConfiguration"]["Destinations"]
        logical_id, _ = destination["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"]
        stack = place.partition("/")[0]
        name = templates[stack]["Resources"][logical_id]["Properties"]["LogGroupName"]
        environment = "prod" if variant == "pin" else variant
        assert name == f"/aws/vendedlogs/states/slipway-{environment}-digits-cnn-{stack}"


def test_the_workflows_of_200_models_log_to_400_groups_in_one_entry_of_the_resource_policy() -> None:
    stacks = [
        stack
        for number in range(200)
        for stack in (
            names.training_stack("dev", f"a-model-with-a-long-name-{number}"),
            names.release_stack("dev", f"a-model-with-a-long-name-{number}"),
        )
    ]
    found = {names.workflow_logs(stack) for stack in stacks}
    assert len(found) == 400
    assert all(re.fullmatch(r"/aws/vendedlogs/states/[.\-_/#A-Za-z0-9]{1,450}", name) for name in found)


def test_several_models_in_one_account_have_groups_of_their_own(specs, model, synthesize) -> None:
    copies = tuple(model.model_copy(update={"name": f"digits-{number}"}) for number in range(3))
    templates = synthesize(specs.environment("dev"), copies)
    named = [group["Properties"].get("LogGroupName") for group in groups(templates)]
    declared = [name for name in named if name]
    assert len(declared) == len(set(declared)) == 9, "two workflows and an endpoint each"


@pytest.mark.parametrize(("variant", "is_kept"), [("local", False), ("dev", True), ("prod", True)])
def test_endpoint_s_logs_are_kept_where_data_is_and_out_of_reach_of_a_release(variants, variant, is_kept) -> None:
    name = f"/aws/sagemaker/Endpoints/slipway-{variant}-digits-cnn"
    found = {
        place: group
        for place, group in resources(variants[variant], "AWS::Logs::LogGroup").items()
        if group["Properties"].get("LogGroupName") == name
    }
    ((place, group),) = found.items()
    assert place.startswith("release/")
    policies = {group["DeletionPolicy"], group["UpdateReplacePolicy"]}
    assert policies == ({"RetainExceptOnCreate", "Retain"} if is_kept else {"Delete"})
    release_role = [
        statement
        for each in resources({"release": variants[variant]["release"]}, "AWS::IAM::Policy").items()
        if "ReleaseRole" in each[0]
        for statement in each[1]["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert release_role
    assert "logs:" not in json.dumps(release_role)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_endpoint_s_role_goes_before_the_group_that_it_writes(variants, variant) -> None:
    """SageMaker writes for some seconds after an endpoint is deleted (apache/airflow #29581)."""
    release = variants[variant]["release"]["Resources"]
    (role,) = [each for name, each in release.items() if name.startswith("EndpointRole") and "Policy" not in name]
    (group,) = [name for name in release if name.startswith("EndpointLogs")]
    assert group in role["DependsOn"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_group_that_a_role_may_create_is_declared_or_of_the_whole_account(variants, variant) -> None:
    declared = {group["Properties"].get("LogGroupName") for group in groups(variants[variant])}
    text = json.dumps([variants[variant][stack] for stack in ("training", "release")])
    written = set(re.findall(r":log-group:(/aws/[^\":*]+)", text))
    assert written
    assert written - ACCOUNT_WIDE <= declared
