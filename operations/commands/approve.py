"""`approve`: let a version of a model serve."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from operations.aws.connection import Connection, connect
from operations.deployed import endpoint, registry
from operations.deployed.registry import PackageVersion
from operations.environment.service import require_in_service
from operations.errors import BadInput
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, Reason, VersionNumber, find
from operations.terminal.following import follow, print_result
from operations.terminal.render import out, print_json, say
from operations.workflows.releases import approve_and_find_release, newer_in_service, release_again
from specs import hints, names


def command(
    *,
    environment_name: EnvironmentName,
    model_name: ModelName,
    version: VersionNumber = None,
    reason: Reason = "",
    wait: Annotated[bool, typer.Option("--wait", help="Follow the release that starts, to its end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Approve a version; by default the newest that waits. Restart its release if that did not end.

    With --wait it succeeds only once the version serves.

    Example: python -m operations approve local digits-cnn --reason "99.2 % on the test set" --wait
    """
    environment, model = find(environment_name, model_name)
    pinned = environment.release.source == "pin"
    if wait and pinned:
        raise BadInput(
            f"Environment {environment.name} releases by pin, so no release follows an approval: leave --wait out."
        )
    connection, group = connect(environment), names.model_package_group(environment.name, model.name)
    package = _chosen(connection, model.name, version, pinned)
    arn = None
    if package.approval == registry.APPROVED and not pinned:
        arn = release_again(connection, model.name, package)
        say(f"Version {package.version} of {group} is Approved already; its release starts again: {arn}")
    elif wait:
        arn = approve_and_find_release(connection, model.name, package, reason)
        say(f"Version {package.version} of {group} is Approved; its release started: {arn}")
    else:
        registry.set_approval(connection, package, registry.APPROVED, reason)
    if arn and wait:
        last = follow(connection, model.name, arn)
        print_result(last, as_json=as_json)
        require_in_service(connection, model, package, last)
    elif as_json:
        print_json({**asdict(package), "approval": registry.APPROVED})
    elif arn is None:
        next_step = _next_step(connection, model.name, package, pinned)
        out.print(f"Version {package.version} of {group} is Approved. {next_step}")


def _chosen(connection: Connection, model: str, number: int | None, pinned: bool) -> PackageVersion:
    """The version to approve, or to release again.

    The one named, the newest that waits, or else the newest Approved one if it was not released to the end.
    """
    group = names.model_package_group(connection.environment.name, model)
    found = registry.versions(connection, group)
    if number is None and not pinned and not any(package.approval == registry.PENDING for package in found):
        served = endpoint.in_service(connection, model)
        if package := registry.to_release_again(found, served.version if served else None):
            return package
    return registry.to_decide(found, number, group)


def _next_step(connection: Connection, model: str, package: PackageVersion, pinned: bool) -> str:
    environment = connection.environment.name
    if pinned:
        deploy = hints.deploy(environment)
        return f"To release it, pin it: environments/{environment}.toml, [release.pinned], then `{deploy}`."
    if newer := newer_in_service(connection, model, package):
        back = hints.rollback(environment, model, package.version)
        return f"Version {newer} serves, so no release follows. To go back to version {package.version}: `{back}`."
    return f"Its release starts now; see `{hints.status(environment, model)}`."
