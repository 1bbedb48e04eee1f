"""What AWS knows of an environment and its models, gathered and not yet shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from operations import deployment, executions, metrics, registry, serving
from operations.executions import Execution
from operations.registry import PackageVersion
from specs import names

if TYPE_CHECKING:
    from operations.aws import Connection
    from specs import ModelSpec, Specs

NEWEST = 10


@dataclass(frozen=True)
class ModelState:
    """One model in one environment.

    `metric` is the one that judges its versions; `versions` are the newest ten with all their metrics; `meant` is the
    model package that the serving stack means to serve.
    """

    model: str
    metric: str
    training: Execution | None
    release: Execution | None
    versions: tuple[tuple[PackageVersion, dict[str, float]], ...]
    served: serving.InService | None
    meant: str | None


@dataclass(frozen=True)
class EnvironmentState:
    """One environment: its stacks, the models asked for, the names of the alarms that ring."""

    environment: str
    stacks: tuple[deployment.StackState, ...]
    models: tuple[ModelState, ...]
    alarms: tuple[str, ...]


def inspect(connection: Connection, specs: Specs, models: Iterable[ModelSpec]) -> EnvironmentState:
    """Ask AWS about an environment and some of its models; what is not deployed is left empty."""
    others = [environment.name for environment in specs.environments]
    return EnvironmentState(
        environment=connection.environment.name,
        stacks=deployment.stacks(connection, others, [model.name for model in specs.models]),
        models=tuple(_model(connection, model) for model in models),
        alarms=_alarms(connection, others),
    )


def _model(connection: Connection, model: ModelSpec) -> ModelState:
    environment = connection.environment.name
    serving_outputs = deployment.outputs(connection, names.serving_stack(environment, model.name)) or {}
    newest = registry.versions(connection, names.model_package_group(environment, model.name))[:NEWEST]
    return ModelState(
        model=model.name,
        metric=model.evaluation.metric,
        training=_last(connection, names.training_stack(environment, model.name)),
        release=_last(connection, names.release_stack(environment, model.name)),
        versions=tuple((version, metrics.of(connection, version)) for version in newest),
        served=serving.in_service(connection, model.name),
        meant=serving_outputs.get("ReleasedModelPackage") or None,
    )


def _last(connection: Connection, stack: str) -> Execution | None:
    workflow = (deployment.outputs(connection, stack) or {}).get("StateMachineArn")
    arn = executions.latest(connection, workflow) if workflow else None
    return executions.describe(connection, arn) if arn else None


def _alarms(connection: Connection, environments: list[str]) -> tuple[str, ...]:
    """The environment's alarms that ring: CloudFormation names an alarm after its stack."""
    environment = connection.environment.name
    pages = connection.client("cloudwatch").get_paginator("describe_alarms")
    found = pages.paginate(AlarmNamePrefix=names.prefix(environment), StateValue="ALARM")
    ringing = [alarm["AlarmName"] for page in found for alarm in page["MetricAlarms"]]
    return tuple(sorted(name for name in ringing if names.belongs(name, environment, environments)))
