"""`approve`: let a version of a model serve."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from operations import names, registry, release, watch
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
from operations.errors import BadInput
from operations.render import out, print_json, say

if TYPE_CHECKING:
    from operations.aws import Connection
    from operations.registry import PackageVersion


def approve(connection: Connection, package: PackageVersion, reason: str) -> None:
    """Set a version to Approved; where versions are released from the registry, an event starts the release."""
    registry.set_approval(connection, package, registry.APPROVED, reason)


def approve_and_find_release(connection: Connection, model: str, package: PackageVersion, reason: str) -> str:
    """Approve a version and return the ARN of the release execution that this started."""
    workflow = release.state_machine(connection, model)
    before = release.known(connection, workflow)
    approve(connection, package, reason)
    return release.await_start(connection, workflow, package.arn, before)


def command(
    *,
    environment: EnvironmentName,
    model: ModelName,
    version: VersionNumber = None,
    reason: Reason = "",
    wait: Annotated[bool, typer.Option("--wait", help="Follow the release that starts, to its end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Approve a version: the newest that waits, unless one is named.

    Example: python -m operations approve local digits-cnn --reason "99.2 % on the test set" --wait
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    pinned = place.release.source == "pin"
    if wait and pinned:
        raise BadInput(
            f"Environment {environment} releases by pin, so no release follows an approval: leave --wait out."
        )
    connection, group = connect(place), names.endpoint(environment, model)
    package = registry.to_decide(registry.versions(connection, group), version, group)
    if wait and package.approval == registry.APPROVED:
        raise BadInput(f"Version {package.version} is Approved already, so no release would follow: leave --wait out.")
    if wait:
        arn = approve_and_find_release(connection, spec.name, package, reason)
        say(f"Version {package.version} of {group} is Approved; its release started: {arn}")
        watch.to_the_end(connection, arn, as_json=as_json)
        return
    approve(connection, package, reason)
    if as_json:
        print_json({**asdict(package), "approval": registry.APPROVED})
    else:
        out.print(f"Version {package.version} of {group} is Approved. {_what_follows(environment, model, pinned)}")


def _what_follows(environment: str, model: str, pinned: bool) -> str:
    if pinned:
        return f"To release it, pin it: environments/{environment}.toml, [release.pinned], then `cdk deploy`."
    return f"Its release starts now; see `python -m operations status {environment} {model}`."
