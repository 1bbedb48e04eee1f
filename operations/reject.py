"""`reject`: keep a version of a model from serving."""

from __future__ import annotations

from dataclasses import asdict

from operations import registry, serving
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
from operations.render import out, print_json
from specs import names


def command(
    environment: EnvironmentName,
    model: ModelName,
    version: VersionNumber = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Reject a version: the newest that waits, unless one is named.

    Example: python -m operations reject local digits-cnn 3 --reason "confuses 4 and 9"
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    connection, group = connect(place), names.model_package_group(environment, model)
    package = registry.to_decide(registry.versions(connection, group), version, group)
    served = serving.in_service(connection, spec.name)
    if served and served.package == package.arn:
        raise BadInput(
            f"Version {package.version} of {group} is in service, and rejecting it would not take it out: "
            f"run `python -m operations rollback {environment} {model}`."
        )
    registry.set_approval(connection, package, registry.REJECTED, reason)
    if as_json:
        print_json({**asdict(package), "approval": registry.REJECTED})
    else:
        out.print(f"Version {package.version} of {group} is Rejected.")
