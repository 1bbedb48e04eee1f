"""`approve`: let a version of a model serve."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

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


def approve(connection: Connection, package: PackageVersion, reason: str) -> None:
    """Set a version to Approved; where versions are released from the registry, an event starts the release."""
    registry.set_approval(connection, package, registry.APPROVED, reason)


def approve_and_find_release(connection: Connection, model: str, package: PackageVersion, reason: str) -> str:
    """Approve a version and return the ARN of the release execution that this started."""
    workflow = release.state_machine(connection, model)
    before = release.known(connection, workflow)
    approve(connection, package, reason)
    return release.await_start(connection, workflow, package.arn, before)


def release_again(connection: Connection, model: str, package: PackageVersion) -> str:
    """Start the release of a version that is Approved already; its ARN. Raises ``BadInput`` or ``Failed``."""
    workflow, served = release.state_machine(connection, model), serving.in_service(connection, model)
    if served and served.version == package.version:
        raise BadInput(f"Version {package.version} is Approved already, and in service.")
    if served and served.version and served.version > package.version:
        raise BadInput(
            f"Version {package.version} is Approved already, and version {served.version} serves: to go back, "
            f"use `python -m operations rollback {connection.environment.name} {model} --version {package.version}`."
        )
    if under_way := executions.running(connection, workflow):
        raise Failed(f"A release of {model} is under way: {under_way[0]}")
    return executions.start(connection, workflow, {"ModelPackageArn": package.arn})


def command(
    *,
    environment: EnvironmentName,
    model: ModelName,
    version: VersionNumber = None,
    reason: Reason = "",
    wait: Annotated[bool, typer.Option("--wait", help="Follow the release that starts, to its end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Approve a version: the newest that waits, unless one is named. Begin again a release that did not end.

    Example: python -m operations approve local digits-cnn --reason "99.2 % on the test set" --wait
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    pinned = place.release.source == "pin"
    if wait and pinned:
        raise BadInput(
            f"Environment {environment} releases by pin, so no release follows an approval: leave --wait out."
        )
    connection, group = connect(place), names.model_package_group(environment, model)
    package = _chosen(connection, spec.name, version, pinned)
    arn = None
    if package.approval == registry.APPROVED and not pinned:
        arn = release_again(connection, spec.name, package)
        say(f"Version {package.version} of {group} is Approved already; its release starts again: {arn}")
    elif wait:
        arn = approve_and_find_release(connection, spec.name, package, reason)
        say(f"Version {package.version} of {group} is Approved; its release started: {arn}")
    else:
        approve(connection, package, reason)
    if arn and wait:
        watch.to_the_end(connection, arn, as_json=as_json)
    elif as_json:
        print_json({**asdict(package), "approval": registry.APPROVED})
    elif arn is None:
        out.print(f"Version {package.version} of {group} is Approved. {_what_follows(environment, model, pinned)}")


def _chosen(connection: Connection, model: str, number: int | None, pinned: bool) -> PackageVersion:
    """The version named, the newest that waits, or the newest Approved one whose release did not come to its end."""
    group = names.model_package_group(connection.environment.name, model)
    found = registry.versions(connection, group)
    if number is None and not pinned and not any(package.approval == registry.PENDING for package in found):
        served = serving.in_service(connection, model)
        if package := registry.to_release_again(found, served.version if served else None):
            return package
    return registry.to_decide(found, number, group)


def _what_follows(environment: str, model: str, pinned: bool) -> str:
    if pinned:
        return f"To release it, pin it: environments/{environment}.toml, [release.pinned], then `cdk deploy`."
    return f"Its release starts now; see `python -m operations status {environment} {model}`."
