"""`rollback`: put an older Approved version back into service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from operations import executions, registry, release, serving, watch
from operations.arguments import (
    AsJson,
    EnvironmentName,
    ModelName,
    Reason,
    VersionNumber,
    find_environment,
    find_model,
    load_specs,
)
from operations.aws import connect
from operations.errors import BadInput, Failed
from operations.render import out, print_json, say
from specs import names

if TYPE_CHECKING:
    from operations.aws import Connection
    from operations.registry import PackageVersion


@dataclass(frozen=True)
class Plan:
    """What a rollback takes out of service, what it puts in, and the workflow that does it."""

    group: str
    out: PackageVersion
    into: PackageVersion
    workflow: str


def plan(connection: Connection, model: str, number: int | None) -> Plan:
    """Choose, and change nothing. Raises ``BadInput`` or ``Failed`` when there is nothing to do or nothing to go to."""
    group = names.model_package_group(connection.environment.name, model)
    workflow = release.state_machine(connection, model)
    served = serving.in_service(connection, model)
    if served is None or served.version is None:
        raise Failed(f"Nothing of {group} is in service: there is nothing to roll back.")
    found = registry.versions(connection, group)
    into = registry.to_roll_back_to(found, served.version, number, group)
    return Plan(group, registry.find(found, served.version, group), into, workflow)


def start(connection: Connection, chosen: Plan, reason: str) -> str:
    """Reject what serves, then start the release of the older version; returns the execution's ARN.

    The rejection comes first: a late approval event of that version would otherwise undo the rollback.
    """
    registry.set_approval(connection, chosen.out, registry.REJECTED, reason or f"rolled back to {chosen.into.version}")
    return executions.start(connection, chosen.workflow, {"ModelPackageArn": chosen.into.arn})


def command(
    environment: EnvironmentName,
    model: ModelName,
    version: VersionNumber = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Reject the version in service and release an older Approved one: the next older, unless one is named.

    Example: python -m operations rollback local digits-cnn --reason "accuracy fell on Monday"
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    if place.release.source == "pin":
        raise BadInput(
            f"Environment {environment} releases by pin: set {spec.name} under [release.pinned] in "
            f"environments/{environment}.toml to the version you want, and run `cdk deploy`."
        )
    connection = connect(place)
    chosen = plan(connection, spec.name, version)
    arn = start(connection, chosen, reason)
    say(f"Version {chosen.out.version} of {chosen.group} is Rejected; version {chosen.into.version} follows: {arn}")
    last = watch.attend(connection, arn)
    served = serving.in_service(connection, spec.name)
    serves = served.version if served else None
    if as_json:
        print_json({**last.as_json(), "rejected": chosen.out.version, "serves": serves})
    else:
        out.print(f"{chosen.group} serves version {serves}." if serves else f"{chosen.group} serves nothing.")
    if not last.succeeded:
        raise Failed(f"The rollback ended as {last.status}: {last.reason}")
    if serves != chosen.into.version:
        raise Failed(f"The release succeeded, and yet version {serves} serves instead of {chosen.into.version}.")
