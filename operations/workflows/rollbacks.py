"""The way back to an older version: the choice, then the rejection and the release."""

from __future__ import annotations

from dataclasses import dataclass

from operations.aws.connection import Connection
from operations.deployed import endpoint, registry
from operations.deployed.registry import PackageVersion
from operations.errors import Failed
from operations.workflows import releases
from specs import names


@dataclass(frozen=True)
class Plan:
    """The versions to take `out` of and put `into` service, and the release's `workflow` ARN."""

    group: str
    out: PackageVersion
    into: PackageVersion
    workflow: str


def plan(connection: Connection, model: str, number: int | None) -> Plan:
    """Choose, and change nothing. Raises ``BadInput`` or ``Failed`` if there is no way back."""
    group = names.model_package_group(connection.environment.name, model)
    workflow = releases.state_machine(connection, model)
    served = endpoint.in_service(connection, model)
    if served is None or served.version is None:
        raise Failed(f"Nothing of {group} is in service: there is nothing to roll back.")
    found = registry.versions(connection, group)
    into = registry.to_roll_back_to(found, served.version, number, (connection.environment.name, model))
    # The release would refuse it too, but after the version in service is rejected.
    registry.require_sealed(connection, into, group)
    return Plan(group, registry.find(found, served.version, group), into, workflow)


def start(connection: Connection, chosen: Plan, reason: str) -> str:
    """Reject the version in service, then release the older one; return the execution's ARN.

    The rejection comes first: a late approval event of that version would otherwise undo the rollback.
    """
    registry.set_approval(connection, chosen.out, registry.REJECTED, reason or f"rolled back to {chosen.into.version}")
    return releases.start(connection, chosen.workflow, chosen.into)
