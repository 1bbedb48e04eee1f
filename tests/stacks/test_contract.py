"""The contract with operations, the demo and people: outputs, order, and the resources of each stack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reference_model import MODEL

from specs import names

FLAGS = json.loads((Path(__file__).resolve().parents[2] / "cdk.json").read_text())["context"]
ROLES_AND_WORKFLOWS = {"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::StepFunctions::StateMachine", "AWS::Events::Rule"}


def types(template: dict) -> list[str]:
    return [resource["Type"] for resource in template["Resources"].values()]


def only(template: dict, kind: str) -> dict:
    (found,) = [resource for resource in template["Resources"].values() if resource["Type"] == kind]
    return found


@pytest.mark.parametrize(
    ("variant", "name", "outputs"),
    [
        ("local", "network", set()),
        (
            "local",
            "foundation",
            {
                "DataBucketName",
                "ArtifactsBucketName",
                "KeyArn",
                "AlarmTopicArn",
                "UndeliveredEventsUrl",
                "MlflowAppArn",
            },
        ),
        ("local", "training", {"StateMachineArn", "ModelPackageGroupName"}),
        ("local", "release", {"StateMachineArn"}),
        ("local", "serving", {"EndpointName", "EndpointConfigName", "ReleasedModelPackage"}),
        ("pin", "release", set()),
        ("pin", "serving", {"EndpointName", "EndpointConfigName", "ReleasedModelPackage"}),
    ],
)
def test_outputs_are_those_of_the_contract(variants, variant, name, outputs) -> None:
    """Beside them there are exports for other stacks only."""
    found = variants[variant][name].get("Outputs", {})
    assert {key for key, output in found.items() if "Export" not in output} == outputs


def test_another_description_of_a_model_replaces_no_group(variants) -> None:
    """Its properties are replaced only with a new name (AWS::SageMaker::ModelPackageGroup, "createOnlyProperties")."""
    group = only(variants["prod"]["training"], "AWS::SageMaker::ModelPackageGroup")["Properties"]
    assert group["ModelPackageGroupDescription"] == f"The versions of {MODEL}"


@pytest.mark.parametrize("variant", ["local", "dev", "prod", "pin"])
def test_serving_holds_neither_role_nor_workflow(variants, variant) -> None:
    template = variants[variant]["serving"]
    assert ROLES_AND_WORKFLOWS.isdisjoint(types(template))
    assert "BootstrapVersion" not in template.get("Parameters", {}), "the release role has no right on SSM"


def test_nothing_serves_until_a_model_is_released(variants) -> None:
    template = variants["dev"]["serving"]
    assert template["Parameters"]["ReleasedModelPackage"]["Default"] == ""
    unconditional = {resource["Type"] for resource in template["Resources"].values() if "Condition" not in resource}
    assert unconditional == {"AWS::CloudWatch::Alarm"}


def test_pinned_version_is_a_literal_that_no_workflow_changes(variants) -> None:
    serving, release = (variants["pin"][name] for name in ("serving", "release"))
    assert "ReleasedModelPackage" not in serving.get("Parameters", {})
    assert {resource.get("Condition") for resource in serving["Resources"].values()} == {None, "IsScaled"}
    package = only(serving, "AWS::SageMaker::Model")["Properties"]["PrimaryContainer"]["ModelPackageName"]
    assert package.endswith(f":model-package/slipway-prod-{MODEL}/3")
    kinds = ["AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Logs::LogGroup"]
    assert sorted(types(release)) == kinds, "the endpoint's role and its log group, and nothing else"


@pytest.mark.parametrize("variant", ["local", "dev", "prod", "pin"])
def test_every_environment_scales_and_shifts_traffic_alike(variants, variant) -> None:
    serving = variants[variant]["serving"]
    endpoint = only(serving, "AWS::SageMaker::Endpoint")["Properties"]
    routing = endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["Type"] == "CANARY"
    assert endpoint["RetainAllVariantProperties"] is True
    assert endpoint["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DataCaptureConfig"}]
    assert only(serving, "AWS::ApplicationAutoScaling::ScalableTarget")["Properties"]["MinCapacity"] == 2


@pytest.mark.parametrize("variant", ["local", "dev", "prod", "pin"])
def test_scaling_is_on_for_the_declared_instance_type_only(variants, variant) -> None:
    """Another type is refused before anything changes ("Update endpoints that use auto scaling")."""
    serving = variants[variant]["serving"]
    (fleet,) = only(serving, "AWS::SageMaker::EndpointConfig")["Properties"]["ProductionVariants"]
    declared = fleet["InstanceType"]
    assert serving["Parameters"][names.SCALED_TYPE]["Default"] == declared
    (assertion,) = serving["Rules"]["SameInstanceType"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Contains": [["", declared], {"Ref": names.SCALED_TYPE}]}
    assert f"operations resize {'prod' if variant == 'pin' else variant} {MODEL}`" in assertion["AssertDescription"]
    same = {"Fn::Equals": [{"Ref": names.SCALED_TYPE}, declared]}
    both = same if variant == "pin" else {"Fn::And": [{"Condition": "IsReleased"}, same]}
    assert serving["Conditions"]["IsScaled"] == both
    for kind in ("ScalableTarget", "ScalingPolicy"):
        assert only(serving, f"AWS::ApplicationAutoScaling::{kind}")["Condition"] == "IsScaled"


@pytest.mark.parametrize("variant", ["local", "dev", "prod", "pin"])
def test_rollback_alarms_watch_the_new_fleet_alone_and_begin_anew_with_it(variants, variant) -> None:
    """An alarm that is changed keeps its state, also the ALARM of a failing fleet."""
    resources = variants[variant]["serving"]["Resources"]
    (endpoint,) = [item for item in resources.values() if item["Type"] == "AWS::SageMaker::Endpoint"]
    (config,) = [key for key, item in resources.items() if item["Type"] == "AWS::SageMaker::EndpointConfig"]
    named = endpoint["Properties"]["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    alarms = [resources[alarm["AlarmName"]["Ref"]]["Properties"] for alarm in named]
    assert alarms
    for alarm in alarms:
        of_config = {"Name": "EndpointConfigName", "Value": {"Fn::GetAtt": [config, "EndpointConfigName"]}}
        assert of_config in alarm["Dimensions"]
        assert of_config["Value"] in alarm["AlarmName"]["Fn::Join"][1], "another configuration needs another alarm"


@pytest.mark.parametrize("variant", ["local", "dev", "prod", "pin"])
def test_role_of_the_endpoint_reads_the_rollback_alarms(variants, variant) -> None:
    """SageMaker reads them as the execution role ("Auto-Rollback Configuration and Monitoring")."""
    serving, release = (variants[variant][name]["Resources"] for name in ("serving", "release"))
    (role,) = [key for key, item in release.items() if item["Type"] == "AWS::IAM::Role" and "EndpointRole" in key]
    allowed = [
        pattern.rpartition(":alarm:")[2].removesuffix("*")
        for item in release.values()
        if item["Type"] == "AWS::IAM::Policy" and {"Ref": role} in item["Properties"]["Roles"]
        for statement in item["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "cloudwatch:DescribeAlarms"
        for pattern in [json.dumps(statement["Resource"]).strip('"')]
    ]
    named = [
        item["Properties"]["AlarmName"]["Fn::Join"][1][0]
        for item in serving.values()
        if item["Type"] == "AWS::CloudWatch::Alarm" and "AlarmName" in item["Properties"]
    ]
    assert named
    assert all(any(name.startswith(prefix) for prefix in allowed) for name in named)


def test_update_of_the_serving_stack_needs_the_release_role(variants) -> None:
    template = variants["dev"]["release"]
    policies = [item for item in template["Resources"].values() if item["Type"] == "AWS::IAM::Policy"]
    updates = [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "cloudformation:UpdateStack" in json.dumps(statement["Action"])
    ]
    assert len(updates) == 1
    assert "cloudformation:RoleArn" in updates[0]["Condition"]["StringEquals"]


def test_a_destroy_goes_serving_release_training(specs, model, tmp_path) -> None:
    """The CLI destroys dependents first; release knows training by this declaration only."""
    from aws_cdk import App

    from stacks import build

    app = App(outdir=str(tmp_path), context=FLAGS)
    build(app, specs.environment("local"), (model,))
    dependencies = {
        item.stack_name: {other.id for other in item.dependencies if "assets" not in other.id}
        for item in app.synth().stacks
    }
    prefix = f"slipway-local-{MODEL}"
    assert f"{prefix}-training" in dependencies[f"{prefix}-release"]
    assert f"{prefix}-release" in dependencies[f"{prefix}-serving"]
