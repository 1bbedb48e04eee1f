"""How an endpoint takes a new configuration: part of the traffic first, and back by itself on an alarm."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker

from specs import Canary

Endpoint = sagemaker.CfnEndpoint

STARTING_SECONDS = 3600
"""Time for instances to start, on top of the declared waits."""

MIN_TIMEOUT, MAX_TIMEOUT = 600, 28_800
"""Amazon SageMaker API Reference, "BlueGreenUpdatePolicy"."""


def canary_deployment(canary: Canary, alarms: Sequence[cloudwatch.IAlarm]) -> Endpoint.DeploymentConfigProperty:
    timeout = canary.wait_seconds + canary.bake_seconds + STARTING_SECONDS
    return Endpoint.DeploymentConfigProperty(
        auto_rollback_configuration=Endpoint.AutoRollbackConfigProperty(
            alarms=[Endpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms]
        ),
        blue_green_update_policy=Endpoint.BlueGreenUpdatePolicyProperty(
            maximum_execution_timeout_in_seconds=min(max(timeout, MIN_TIMEOUT), MAX_TIMEOUT),
            termination_wait_in_seconds=canary.bake_seconds,
            traffic_routing_configuration=Endpoint.TrafficRoutingConfigProperty(
                type="CANARY",
                canary_size=Endpoint.CapacitySizeProperty(type="CAPACITY_PERCENT", value=canary.percent),
                wait_interval_in_seconds=canary.wait_seconds,
            ),
        ),
    )
