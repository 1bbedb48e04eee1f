"""`reject`: keep a version of a model from serving."""

from __future__ import annotations

from dataclasses import asdict

from operations.aws.connection import connect
from operations.deployed import endpoint, registry
from operations.errors import BadInput
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, Reason, VersionNumber, find
from operations.terminal.render import out, print_json
from specs import hints, names


def command(
    environment_name: EnvironmentName,
    model_name: ModelName,
    version: VersionNumber = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Reject a version; by default the newest that waits.

    Example: python -m operations reject local digits-cnn 3 --reason "confuses 4 and 9"
    """
    environment, model = find(environment_name, model_name)
    connection, group = connect(environment), names.model_package_group(environment.name, model.name)
    package = registry.to_decide(registry.versions(connection, group), version, group)
    served = endpoint.in_service(connection, model.name)
    if served and served.package == package.arn:
        raise BadInput(
            f"Version {package.version} of {group} is in service, and rejecting it would not take it out: "
            f"run `{hints.rollback(environment.name, model.name)}`."
        )
    registry.set_approval(connection, package, registry.REJECTED, reason)
    if as_json:
        print_json({**asdict(package), "approval": registry.REJECTED})
    else:
        out.print(f"Version {package.version} of {group} is Rejected.")
