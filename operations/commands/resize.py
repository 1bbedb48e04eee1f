"""`resize`: deploy another instance type of an automatically scaled endpoint."""

from __future__ import annotations

import subprocess
import sys

from operations.aws.connection import Connection, connect
from operations.deployed import cdk_cli, scaling
from operations.deployed.endpoint import in_service
from operations.errors import BadInput, Failed
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, find
from operations.terminal.render import out, print_json, say
from specs import ModelSpec, hints, names, resolve


def command(environment_name: EnvironmentName, model_name: ModelName, as_json: AsJson = False) -> None:
    """Deploy the declared instance type of an endpoint that is scaled automatically.

    AWS refuses to change it while scaling is on. This switches scaling off, runs `cdk deploy` for the serving stack,
    and switches scaling on for the type that serves then, also after a failure. It can be run again at any time.

    Example: python -m operations resize local digits-cnn
    """
    environment, model = find(environment_name, model_name)
    serving = resolve(model, environment).environment.serving
    deploy = hints.deploy(environment.name)
    if serving.autoscaling is None:
        raise BadInput(f"{model.name} has no [serving.autoscaling] in {environment.name}: `{deploy}` is enough.")
    cdk, connection = cdk_cli.find(), connect(environment)
    stack, wanted = names.serving_stack(environment.name, model.name), serving.instance_type
    before = scaling.scaled_type(connection, stack)
    if before == wanted:
        raise BadInput(f"{stack} is scaled as {wanted} already: `{deploy}` is enough for every other change.")
    say(f"Automatic scaling of {stack} is off until {wanted} serves.")
    deployed = False
    try:
        scaling.scale_as(connection, stack, "", say)
        deployed = _deploy(cdk, environment.name, stack)
    finally:
        served = _scale_again(connection, model, stack, wanted if deployed else before)
    if served != wanted:
        raise Failed(f"`cdk deploy` failed, see above: {served} serves as before, and is scaled automatically again.")
    if as_json:
        print_json({"stack": stack, "before": before, "instance_type": served})
    else:
        out.print(f"{stack} serves with {served}, and is scaled automatically again.")


def _deploy(cdk: str, environment: str, stack: str) -> bool:
    """Deploy one stack; its words go to standard error. Tell whether it succeeded."""
    arguments = ("--exclusively", "--require-approval", "never", "-c", f"environment={environment}")
    command = [cdk, "deploy", stack, *arguments]
    return subprocess.run(command, env=cdk_cli.variables(), stdout=sys.stderr, check=False).returncode == 0


def _scale_again(connection: Connection, model: ModelSpec, stack: str, declared: str) -> str:
    """Switch scaling on for the instance type that serves, or `declared`; return it."""
    scaling.settled(connection, stack, say)
    served = in_service(connection, model.name)
    instance_type = served.instance_type if served else declared
    scaling.scale_as(connection, stack, instance_type, say)
    return instance_type
