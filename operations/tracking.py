"""`tracking`: the address of the page that shows an environment's recorded runs."""

from __future__ import annotations

from typing import Annotated

import typer

from operations import deployment
from operations.arguments import AsJson, EnvironmentName, find_environment, load_specs
from operations.aws import connect
from operations.errors import BadInput
from operations.render import out, print_json
from specs import names

_MOST_SECONDS = 300
Seconds = Annotated[int, typer.Option(min=5, max=_MOST_SECONDS, help="How long the address can be opened.")]


def command(environment: EnvironmentName, seconds: Seconds = _MOST_SECONDS, as_json: AsJson = False) -> None:
    """Print an address that opens MLflow with the environment's runs, once.

    Example: python -m operations tracking local
    """
    place = find_environment(load_specs(), environment)
    if place.tracking is None:
        raise BadInput(
            f"environments/{place.name}.toml has no [tracking], so no run is recorded there. Add the line [tracking] "
            f"and run `{deployment.deploy_command(place.name)}`."
        )
    connection = connect(place)
    app = deployment.output(connection, names.foundation_stack(place.name), "MlflowAppArn")
    url = connection.client("sagemaker").create_presigned_mlflow_app_url(Arn=app, ExpiresInSeconds=seconds)[
        "AuthorizedUrl"
    ]
    if as_json:
        print_json({"app": app, "url": url})
    else:
        out.print(url, soft_wrap=True)
