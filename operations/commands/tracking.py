"""`tracking`: the address of the page that shows recorded runs, of one model or of all."""

from __future__ import annotations

from typing import Annotated

import typer

from operations.aws.connection import Connection, connect
from operations.deployed.stacks import output
from operations.errors import BadInput, Failed
from operations.terminal.arguments import AsJson, EnvironmentName, find_environment, find_model, load_specs
from operations.terminal.render import out, print_json
from specs import hints, names
from tracking import view
from tracking.error import TrackingError
from tracking.mlflow_app import MlflowApp, NotFound

_MOST_SECONDS = 300
Seconds = Annotated[int, typer.Option(min=5, max=_MOST_SECONDS, help="How long the address can be opened.")]
OneModel = Annotated[str | None, typer.Argument(metavar="[MODEL]", help="Begin with the runs of this model.")]


def command(
    environment_name: EnvironmentName,
    model_name: OneModel = None,
    seconds: Seconds = _MOST_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Print an address that opens MLflow with a model's runs, once.

    Example: python -m operations tracking local digits-cnn
    """
    specs = load_specs()
    environment = find_environment(specs, environment_name)
    model = find_model(specs, model_name).name if model_name else None
    if environment.tracking is None:
        raise BadInput(
            f"environments/{environment.name}.toml has no [tracking], so no run is recorded there. Add the line "
            f"[tracking] and run `{hints.deploy(environment.name)}`."
        )
    connection = connect(environment)
    app = output(connection, names.foundation_stack(environment.name), "MlflowAppArn")
    page = _runs(connection, app, model) if model else view.LIST
    created = connection.client("sagemaker").create_presigned_mlflow_app_url(Arn=app, ExpiresInSeconds=seconds)
    url = f"{created['AuthorizedUrl']}{page}"
    if as_json:
        print_json({"app": app, "url": url})
    else:
        out.print(url, soft_wrap=True)


def _runs(connection: Connection, app: str, model: str) -> str:
    """The page of a model's runs, as a fragment.

    Browsers keep it while they are redirected from the address that signs in (RFC 9110, "Location").
    """
    client = MlflowApp(app, connection.credentials(), connection.endpoint_url)
    try:
        return view.page(client.experiment(model))
    except NotFound:
        train = hints.train(connection.environment.name, model, watch=True)
        raise BadInput(f"No run of {model} is recorded yet. Train it: `{train}`.") from None
    except TrackingError as error:
        raise Failed(str(error)) from None
