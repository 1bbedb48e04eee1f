"""The state of an environment and its models, as AWS answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from operations.aws.connection import Connection
from operations.deployed import endpoint, registry, scaling, stacks, version_metrics
from operations.deployed.endpoint import InService
from operations.deployed.registry import PackageVersion
from operations.deployed.stacks import StackState
from operations.uploads.data_set import missing_data
from operations.workflows import executions, releases
from operations.workflows.executions import Execution
from specs import ModelSpec, Specs, names

NEWEST = 10


@dataclass(frozen=True)
class ModelState:
    """One model in one environment.

    `stacks` are the statuses of its existing stacks by name; `metric` is the one that judges its versions; `versions`
    are the newest ten with all their metrics, `reason` is the approval description of the newest; `meant` is the model
    package that the serving stack means to serve; `unscaled` is true while declared scaling is off.

    `unreleased` is the newest Approved version, if it is newer than the one in service, and `attempt` its last release.
    `pinned` tells that the environment releases by pin, and `pin` is the declared version.
    """

    environment: str
    model: str
    metric: str
    stacks: Mapping[str, str]
    training: Execution | None = None
    release: Execution | None = None
    unreleased: PackageVersion | None = None
    attempt: Execution | None = None
    versions: tuple[tuple[PackageVersion, dict[str, float]], ...] = ()
    reason: str = ""
    served: InService | None = None
    meant: str | None = None
    unscaled: bool = False
    pinned: bool = False
    pin: int | None = None
    lacks_data: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """The names of environment and model."""
        return self.environment, self.model

    @property
    def serves(self) -> int | None:
        """The version in service."""
        return self.served.version if self.served else None

    @property
    def serving(self) -> str:
        """A sentence about what serves."""
        if self.served is None:
            return "Nothing serves."
        return f"Version {self.serves} serves." if self.serves else "The endpoint serves no version of the registry."

    @property
    def approved(self) -> tuple[int, ...]:
        """The Approved versions, newest first."""
        return tuple(package.version for package, _ in self.versions if package.approval == registry.APPROVED)

    def newest(self, approval: str) -> int | None:
        """The newest version with this status, if it is newer than the one in service."""
        found = (package.version for package, _ in self.versions if package.approval == approval)
        return next((version for version in found if version > (self.serves or 0)), None)


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
        models=tuple(look(connection, model) for model in models),
        alarms=_alarms(connection, environments),
    )


def look(connection: Connection, model: ModelSpec) -> ModelState:
    """Ask AWS about one model."""
    environment = connection.environment
    place = environment.name, model.name
    training_stack, release_stack, serving_stack = names.model_stacks(*place)
    statuses = {stack: status for stack in names.model_stacks(*place) if (status := stacks.status(connection, stack))}
    newest = registry.versions(connection, names.model_package_group(*place))[:NEWEST]
    served = endpoint.in_service(connection, model.name)
    training = _last(connection, training_stack)
    pinned = environment.release.source == "pin"
    unreleased = None if pinned else registry.to_release_again(newest, served.version if served else None)
    return ModelState(
        *place,
        metric=model.evaluation.metric,
        stacks=statuses,
        training=training,
        release=_last(connection, release_stack),
        unreleased=unreleased,
        attempt=releases.last_of(connection, model.name, unreleased) if unreleased else None,
        versions=tuple((version, version_metrics.read(connection, version)) for version in newest),
        reason=registry.reason(connection, newest[0]) if newest else "",
        served=served,
        meant=(stacks.outputs(connection, serving_stack) or {}).get("ReleasedModelPackage") or None,
        unscaled=serving_stack in statuses and scaling.is_off(connection, serving_stack),
        pinned=pinned,
        pin=environment.release.pinned.get(model.name),
        lacks_data=training_stack in statuses and not training and bool(missing_data(connection, model)),
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
