"""Application Auto Scaling: targets, policies, alarms, activities, and instances that come and go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from fleet_lab import FleetLab, Load
from iam_lab import IamLab, allow
from job_lab import unique
from own_sandbox import OwnSandbox
from waiting import WAITER, until

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
INVOCATIONS = {"PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}
ROLE = (
    "arn:aws:iam::000000000000:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


class Scaled:
    """One endpoint's only variant as a scalable target."""

    def __init__(self, lab: FleetLab, endpoint: str) -> None:
        self.lab, self.endpoint = lab, endpoint
        self.client = lab.aws("application-autoscaling")
        self.resource = f"endpoint/{endpoint}/variant/AllTraffic"
        self.key = {"ServiceNamespace": "sagemaker", "ResourceId": self.resource, "ScalableDimension": DIMENSION}

    def register(self, least: int, most: int, **members: Any) -> str:
        answer = self.client.register_scalable_target(
            **self.key, **{"MinCapacity": least, "MaxCapacity": most} | members
        )
        return answer["ScalableTargetARN"]

    def track(self, target: float, **members: Any) -> dict[str, Any]:
        configuration = {"TargetValue": target, "ScaleInCooldown": 60, "ScaleOutCooldown": 60} | INVOCATIONS | members
        return self.client.put_scaling_policy(
            **self.key,
            PolicyName="tracking",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=configuration,
        )

    def activities(self) -> list[dict[str, Any]]:
        found = self.client.describe_scaling_activities(ServiceNamespace="sagemaker", ResourceId=self.resource)
        return found["ScalingActivities"]

    def alarms(self) -> dict[str, dict[str, Any]]:
        """The alarms of target tracking: High, Low."""
        prefix = f"TargetTracking-{self.resource}-Alarm"
        found = self.lab.aws("cloudwatch").describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
        return {alarm["AlarmName"].removeprefix(prefix).partition("-")[0]: alarm for alarm in found}

    def await_count(self, count: int) -> None:
        until(lambda: self.lab.shown(self.endpoint)["AllTraffic"]["CurrentInstanceCount"] == count)
        self.lab.settled(self.endpoint)


@pytest.fixture(scope="module")
def lab(sandbox: OwnSandbox) -> FleetLab:
    return FleetLab(sandbox)


@pytest.fixture
def scaled(lab: FleetLab) -> Iterator[Scaled]:
    name = lab.serving(lab.fleet("x"))
    yield Scaled(lab, name)
    until(lambda: deleted(lab, name))


def deleted(lab: FleetLab, endpoint: str) -> bool:
    """Tell whether DeleteEndpoint was accepted: a scaling change may prevent it."""
    try:
        lab.delete(endpoint)
    except ClientError as error:
        return "Could not find" in str(error)
    return True


def test_load_adds_instances_up_to_the_most_and_says_why(lab: FleetLab, scaled: Scaled) -> None:
    scaled.register(1, 2)
    scaled.track(30)
    assert {kind: alarm["Threshold"] for kind, alarm in scaled.alarms().items()} == {"High": 30, "Low": 27}
    with Load(lab, scaled.endpoint) as load:
        scaled.await_count(2)
        until(lambda: scaled.activities()[0]["StatusCode"] == "Successful")
    assert not load.errors
    assert len(lab.processes(scaled.endpoint)) == 2
    (activity,) = scaled.activities()
    high = scaled.alarms()["High"]["AlarmName"]
    assert activity["Description"] == "Setting desired instance count to 2."
    assert activity["Cause"] == f"monitor alarm {high} in state ALARM triggered policy tracking"
    assert activity["StatusMessage"].endswith("Change successfully fulfilled by sagemaker.")
    assert lab.shown(scaled.endpoint)["AllTraffic"]["DesiredInstanceCount"] == 2


def test_little_load_takes_instances_away_down_to_the_least(lab: FleetLab, scaled: Scaled) -> None:
    lab.resize(scaled.endpoint, AllTraffic={"DesiredInstanceCount": 3})
    lab.settled(scaled.endpoint)
    lab.invoke(scaled.endpoint, {})
    scaled.register(2, 4)
    scaled.track(1000)
    scaled.await_count(2)
    assert "AlarmLow" in scaled.activities()[0]["Cause"]
    assert len(lab.processes(scaled.endpoint)) == 2


def test_bounds_are_kept_without_any_policy(lab: FleetLab, scaled: Scaled) -> None:
    scaled.register(2, 3)
    scaled.await_count(2)
    assert scaled.activities()[0]["Cause"] == "minimum capacity was set to 2"
    scaled.register(1, 1)
    scaled.await_count(1)
    assert scaled.activities()[0]["Cause"] == "maximum capacity was set to 1"


def test_step_scaling_follows_an_alarm_of_ones_own(lab: FleetLab, scaled: Scaled) -> None:
    scaled.register(1, 3)
    steps = [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 2},
    ]
    policy = scaled.client.put_scaling_policy(
        **scaled.key,
        PolicyName="steps",
        StepScalingPolicyConfiguration={"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps, "Cooldown": 60},
    )
    cloudwatch, metric = lab.aws("cloudwatch"), unique("Backlog")
    cloudwatch.put_metric_alarm(
        AlarmName=metric,
        Namespace="Ours",
        MetricName=metric,
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[policy["PolicyARN"]],
    )
    cloudwatch.put_metric_data(Namespace="Ours", MetricData=[{"MetricName": metric, "Value": 16}])
    scaled.await_count(3)
    assert scaled.activities()[0]["Cause"] == f"monitor alarm {metric} in state ALARM triggered policy steps"
    cloudwatch.delete_alarms(AlarmNames=[metric])


def test_targets_and_policies_are_described_and_go_with_their_alarms(lab: FleetLab, scaled: Scaled) -> None:
    arn = scaled.register(1, 2, Tags={"team": "digits"})
    assert scaled.register(1, 1) == arn, "registered again, it is the same target"
    (target,) = scaled.client.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[scaled.resource])[
        "ScalableTargets"
    ]
    assert (target["MinCapacity"], target["MaxCapacity"], target["RoleARN"]) == (1, 1, ROLE)
    role = ROLE.rpartition("/")[2]
    assert lab.aws("iam").get_role(RoleName=role)["Role"]["Arn"] == ROLE
    assert scaled.client.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "digits"}
    scaled.client.tag_resource(ResourceARN=arn, Tags={"stage": "test"})
    scaled.client.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert scaled.client.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"stage": "test"}
    with pytest.raises(scaled.client.exceptions.TooManyTagsException, match="would have 51 tags"):
        scaled.client.tag_resource(ResourceARN=arn, Tags={f"key-{each}": "" for each in range(50)})
    first, second = scaled.track(10), scaled.track(20, DisableScaleIn=True)
    assert first["PolicyARN"] == second["PolicyARN"]
    assert set(scaled.alarms()) == {"High"}
    assert scaled.alarms()["High"]["AlarmActions"] == [first["PolicyARN"]]
    (policy,) = scaled.client.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=scaled.resource)[
        "ScalingPolicies"
    ]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 20
    scaled.client.delete_scaling_policy(**scaled.key, PolicyName="tracking")
    assert not scaled.alarms()
    scaled.track(10)
    scaled.client.deregister_scalable_target(**scaled.key)
    assert not scaled.alarms(), "a target takes its policies along"
    with pytest.raises(scaled.client.exceptions.ObjectNotFoundException, match="No scalable target registered for"):
        scaled.client.deregister_scalable_target(**scaled.key)
    with pytest.raises(scaled.client.exceptions.ObjectNotFoundException):
        scaled.track(10)
    with pytest.raises(scaled.client.exceptions.ResourceNotFoundException):
        scaled.client.list_tags_for_resource(ResourceARN=arn)


def test_endpoint_and_its_targets_know_of_each_other(lab: FleetLab, scaled: Scaled) -> None:
    scaled.register(1, 2)
    other = lab.config(lab.stub("y"), InstanceType="ml.c5.large")
    with pytest.raises(ClientError, match="is registered for automatic scaling: deregister it"):
        lab.update(scaled.endpoint, other)
    lab.delete(scaled.endpoint)
    found = scaled.client.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[scaled.resource])
    assert not found["ScalableTargets"], "deleting an endpoint deregisters its variants"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"MinCapacity": 3, "MaxCapacity": 2}, "Maximum capacity 2 cannot be less than minimum capacity 3"),
        ({"MinCapacity": 0, "MaxCapacity": 2}, "has at least one"),
        ({"ResourceId": "endpoint/absent/variant/AllTraffic"}, "Could not find endpoint"),
        ({"ResourceId": "table/x"}, "Unsupported resource id 'table/x'"),
        ({"ServiceNamespace": "ecs"}, "does not implement RegisterScalableTarget.ServiceNamespace as ecs"),
        ({"ScalableDimension": "sagemaker:variant:X"}, "enum value set"),
    ],
)
def test_target_that_is_refused(lab: FleetLab, members: dict[str, Any], said: str) -> None:
    key = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/e/variant/v", "ScalableDimension": DIMENSION}
    with pytest.raises(ClientError) as raised:
        lab.aws("application-autoscaling").register_scalable_target(
            **{**key, "MinCapacity": 1, "MaxCapacity": 2, **members}
        )
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert said in raised.value.response["Error"]["Message"]


def test_stack_declares_scaling_and_guardrails(sandbox: OwnSandbox, lab: FleetLab) -> None:
    """CloudFormation creates both, and an endpoint that rolls back fails its stack's update.

    Its role may change the scaling of endpoint variants alone, also where a policy names its target by ScalingTargetId.
    """
    cloudformation, name, endpoint = lab.aws("cloudformation"), unique("stack"), unique("Served")
    alarm = unique("alarm")
    good, bad = lab.fleet("good", 2), lab.fleet("bad", 2, status=500)
    body = template(endpoint, alarm)
    parameters = [{"ParameterKey": "Config", "ParameterValue": good}]
    namespace = {"application-autoscaling:service-namespace": "sagemaker"}
    role = IamLab(sandbox).role(
        "cloudformation",
        allow("sagemaker:*", "cloudwatch:*", "iam:CreateServiceLinkedRole"),
        allow("application-autoscaling:Describe*", "application-autoscaling:*Resource"),
        allow(
            *(f"application-autoscaling:{verb}*" for verb in ("Register", "Deregister", "Put", "Delete")),
            StringEquals={**namespace, "application-autoscaling:scalable-dimension": DIMENSION},
        ),
    )
    cloudformation.create_stack(StackName=name, TemplateBody=body, Parameters=parameters, RoleARN=role)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=WAITER)
    scaled = Scaled(lab, endpoint)
    assert {alarm["Threshold"] for alarm in scaled.alarms().values()} == {1000, 900}
    assert owner(lab, endpoint) == "digits"
    cloudformation.update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Parameters=[*parameters, {"ParameterKey": "Owner", "ParameterValue": "letters"}],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig=WAITER)
    assert owner(lab, endpoint) == "letters"
    parameters = [{"ParameterKey": "Config", "ParameterValue": bad}]
    with Load(lab, endpoint):
        cloudformation.update_stack(StackName=name, UsePreviousTemplate=True, Parameters=parameters, RoleARN=role)
        until(lambda: "ROLLBACK" in status(cloudformation, name))
    until(lambda: status(cloudformation, name) == "UPDATE_ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert any(f"in state ALARM: {alarm}" in event.get("ResourceStatusReason", "") for event in events)
    assert lab.invoke(endpoint, {})["answer"] == "good"
    cloudformation.delete_stack(StackName=name, RoleARN=role)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=WAITER)
    assert not scaled.alarms()


def owner(lab: FleetLab, endpoint: str) -> str:
    """The tag `owner` of the endpoint's scalable target."""
    scaling = lab.aws("application-autoscaling")
    resource = [f"endpoint/{endpoint}/variant/AllTraffic"]
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=resource)["ScalableTargets"]
    return scaling.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"]["owner"]


def status(cloudformation: Any, name: str) -> str:
    return cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]


def template(endpoint: str, alarm: str) -> str:
    dimensions = {"EndpointName": endpoint, "VariantName": "AllTraffic"}
    routing = {"Type": "CANARY", "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": "50"}}
    resources = {
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": alarm,
                "Namespace": "AWS/SageMaker",
                "MetricName": "Invocation5XXErrors",
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 5,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
            },
        },
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": endpoint,
                "EndpointConfigName": {"Ref": "Config"},
                "RetainAllVariantProperties": True,
                "DeploymentConfig": {
                    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Alarm"}}]},
                    "BlueGreenUpdatePolicy": {
                        "TrafficRoutingConfiguration": {**routing, "WaitIntervalInSeconds": 2400},
                        "TerminationWaitInSeconds": 60,
                    },
                },
            },
        },
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "DependsOn": "Endpoint",
            "Properties": {
                "ServiceNamespace": "sagemaker",
                "ResourceId": f"endpoint/{endpoint}/variant/AllTraffic",
                "ScalableDimension": DIMENSION,
                "MinCapacity": "2",
                "MaxCapacity": "2",
                "Tags": [{"Key": "owner", "Value": {"Ref": "Owner"}}],
            },
        },
        "Policy": {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": {
                "PolicyName": "invocations",
                "PolicyType": "TargetTrackingScaling",
                "ScalingTargetId": {"Ref": "Target"},
                "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1000, **INVOCATIONS},
            },
        },
    }
    parameters = {"Config": {"Type": "String"}, "Owner": {"Type": "String", "Default": "digits"}}
    return json.dumps({"Parameters": parameters, "Resources": resources})


def test_a_metric_is_tracked_by_one_policy(scaled: Scaled) -> None:
    scaled.register(1, 2)
    scaled.track(5)
    scaled.track(6)
    custom = {"Namespace": "AWS/SageMaker", "MetricName": "InvocationsPerInstance", "Statistic": "Sum"}
    dimensions = [{"Name": "EndpointName", "Value": scaled.endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}]
    for metric in (INVOCATIONS, {"CustomizedMetricSpecification": custom | {"Dimensions": dimensions}}):
        with pytest.raises(ClientError, match="Only one TargetTrackingScaling policy for a given metric") as raised:
            scaled.client.put_scaling_policy(
                **scaled.key,
                PolicyName="second",
                PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration={"TargetValue": 7, **metric},
            )
        assert raised.value.response["Error"]["Code"] == "ValidationException"
    tracked = scaled.client.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=scaled.resource)
    assert [policy["PolicyName"] for policy in tracked["ScalingPolicies"]] == ["tracking"]
