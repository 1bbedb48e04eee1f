"""The state of an environment and its models, as AWS answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from operations.aws.connection import Connection
from operations.deployed import endpoint, registry, scaling, stacks, version_metrics
from operations.deployed.endpoint import InService
from operations.deployed.registry import PackageVersion
from operations.deployed.stacks import StackState
from operations.workflows import executions
from operations.workflows.executions import Execution
from specs import ModelSpec, Specs, names

NEWEST = 10


@dataclass(frozen=True)
class ModelState:
    """One model in one environment.

    `metric` is the one that judges its versions; `versions` are the newest ten with all their metrics; `meant` is the
    model package that the serving stack means to serve; `unscaled` is true while declared scaling is off.
    """

    model: str
    metric: str
    training: Execution | None
    release: Execution | None
    versions: tuple[tuple[PackageVersion, dict[str, float]], ...]
    served: InService | None
    meant: str | None
    unscaled: bool


@dataclass(frozen=True)
class EnvironmentState:
    """One environment: its stacks, some of its models, the names of the alarms that ring."""

    environment: str
    stacks: tuple[StackState, ...]
    models: tuple[ModelState, ...]
    alarms: tuple[str, ...]


def inspect(connection: Connection, specs: Specs, models: Iterable[ModelSpec]) -> EnvironmentState:
    """Ask AWS about an environment and some models; undeployed parts are left empty."""
    environments = [environment.name for environment in specs.environments]
    return EnvironmentState(
        environment=connection.environment.name,
        stacks=stacks.existing(connection, environments, [model.name for model in specs.models]),
        models=tuple(_model(connection, model) for model in models),
        alarms=_alarms(connection, environments),
    )


def _model(connection: Connection, model: ModelSpec) -> ModelState:
    environment = connection.environment.name
    serving_stack = names.serving_stack(environment, model.name)
    serving = stacks.outputs(connection, serving_stack) or {}
    newest = registry.versions(connection, names.model_package_group(environment, model.name))[:NEWEST]
    return ModelState(
        model=model.name,
        metric=model.evaluation.metric,
        training=_last(connection, names.training_stack(environment, model.name)),
        release=_last(connection, names.release_stack(environment, model.name)),
        versions=tuple((version, version_metrics.read(connection, version)) for version in newest),
        served=endpoint.in_service(connection, model.name),
        meant=serving.get("ReleasedModelPackage") or None,
        unscaled=bool(serving) and scaling.is_off(connection, serving_stack),
    )


def _last(connection: Connection, stack: str) -> Execution | None:
    workflow = (stacks.outputs(connection, stack) or {}).get("StateMachineArn")
    arn = executions.newest(connection, workflow) if workflow else None
    return executions.describe(connection, arn) if arn else None


def _alarms(connection: Connection, environments: list[str]) -> tuple[str, ...]:
    """The environment's alarms that ring: CloudFormation names an alarm after its stack."""
    environment = connection.environment.name
    pages = connection.client("cloudwatch").get_paginator("describe_alarms")
    found = pages.paginate(AlarmNamePrefix=names.prefix(environment), StateValue="ALARM")
    ringing = [alarm["AlarmName"] for page in found for alarm in page["MetricAlarms"]]
    return tuple(sorted(name for name in ringing if names.belongs(name, environment, environments)))
