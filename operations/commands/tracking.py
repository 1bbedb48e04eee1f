"""`tracking`: the address of the page that shows an environment's recorded runs."""

from __future__ import annotations

from typing import Annotated

import typer

from operations.aws.connection import connect
from operations.deployed.stacks import output
from operations.errors import BadInput
from operations.terminal.arguments import AsJson, EnvironmentName, find_environment, load_specs
from operations.terminal.render import out, print_json
from specs import hints, names

_MOST_SECONDS = 300
Seconds = Annotated[int, typer.Option(min=5, max=_MOST_SECONDS, help="How long the address can be opened.")]


def command(environment_name: EnvironmentName, seconds: Seconds = _MOST_SECONDS, as_json: AsJson = False) -> None:
    """Print an address that opens MLflow with the environment's runs, once.

    Example: python -m operations tracking local
    """
    environment = find_environment(load_specs(), environment_name)
    if environment.tracking is None:
        raise BadInput(
            f"environments/{environment.name}.toml has no [tracking], so no run is recorded there. Add the line "
            f"[tracking] and run `{hints.deploy(environment.name)}`."
        )
    connection = connect(environment)
    app = output(connection, names.foundation_stack(environment.name), "MlflowAppArn")
    created = connection.client("sagemaker").create_presigned_mlflow_app_url(Arn=app, ExpiresInSeconds=seconds)
    if as_json:
        print_json({"app": app, "url": created["AuthorizedUrl"]})
    else:
        out.print(created["AuthorizedUrl"], soft_wrap=True)
