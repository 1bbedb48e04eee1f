"""`rollback`: put an older Approved version back into service."""

from __future__ import annotations

from operations.aws.connection import connect
from operations.deployed.endpoint import in_service
from operations.environment.service import require_in_service
from operations.errors import BadInput
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, Reason, VersionNumber, find
from operations.terminal.following import follow
from operations.terminal.render import out, print_json, say
from operations.workflows import rollbacks
from specs import hints


def command(
    environment_name: EnvironmentName,
    model_name: ModelName,
    version: VersionNumber = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Reject the version in service; release an older Approved one, by default the next.

    Example: python -m operations rollback local digits-cnn --reason "accuracy fell on Monday"
    """
    environment, model = find(environment_name, model_name)
    if environment.release.source == "pin":
        raise BadInput(
            f"Environment {environment.name} releases by pin: set {model.name} under [release.pinned] in "
            f"environments/{environment.name}.toml to the version you want, and run `{hints.deploy(environment.name)}`."
        )
    connection = connect(environment)
    plan = rollbacks.plan(connection, model.name, version)
    arn = rollbacks.start(connection, plan, reason)
    say(f"Version {plan.out.version} of {plan.group} is Rejected; version {plan.into.version} follows: {arn}")
    last = follow(connection, model.name, arn)
    served = in_service(connection, model.name)
    serves = served.version if served else None
    if as_json:
        print_json({**last.as_json(), "rejected": plan.out.version, "serves": serves})
    else:
        out.print(f"{plan.group} serves version {serves}." if serves else f"{plan.group} serves nothing.")
    require_in_service(connection, model, plan.into, last)
