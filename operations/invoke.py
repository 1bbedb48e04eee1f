"""`invoke`: send files to a model's endpoint and show its predictions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from botocore.exceptions import ClientError

from operations.arguments import AsJson, EnvironmentName, ModelName, find_environment, find_model, load_specs
from operations.aws import connect
from operations.errors import BadInput, Failed
from operations.explain import code, is_missing
from operations.render import out, print_json, say, table
from specs import names

if TYPE_CHECKING:
    from operations.aws import Connection
    from specs import ModelSpec

JSON = "application/json"
CONTENT_TYPES = {".png": "image/png", ".json": JSON, ".npy": "application/x-npy", ".txt": "text/plain"}


@dataclass(frozen=True)
class Answer:
    """What the endpoint said about one file."""

    file: str
    predictions: list[Any]


def content_type(path: Path, model: ModelSpec) -> str:
    """The content type that a file's suffix means. Raises ``BadInput`` if the model does not take it."""
    found = CONTENT_TYPES.get(path.suffix.lower())
    if found is None:
        raise BadInput(f"{path}: its suffix says no content type; use {', '.join(CONTENT_TYPES)}.")
    if found not in model.serving.content_types:
        raise BadInput(f"{path}: {model.name} takes {', '.join(model.serving.content_types)}, not {found}.")
    return found


def response_type(path: Path, model: ModelSpec, requests: list[tuple[Path, str]]) -> str:
    """The content type that the file of one answer means. Raises ``BadInput`` if the model does not answer in it."""
    if len(requests) > 1:
        raise BadInput(f"--output {path} takes the answer of one request, and {len(requests)} files are given.")
    found = CONTENT_TYPES.get(path.suffix.lower())
    if found not in model.serving.response_types:
        allowed = ", ".join(model.serving.response_types)
        raise BadInput(f"--output {path}: {model.name} answers in {allowed}, and not in what this suffix means.")
    return found


def predict(connection: Connection, model: str, body: bytes, kind: str) -> list[Any]:
    """The predictions for one request. Raises ``Failed`` when the endpoint is not there or refuses the request."""
    return json.loads(ask(connection, model, body, kind, JSON))["predictions"]


def ask(connection: Connection, model: str, body: bytes, kind: str, accept: str) -> bytes:
    """The body of an answer. Raises ``Failed`` when the endpoint is not there or refuses the request."""
    endpoint = names.endpoint(connection.environment.name, model)
    try:
        answer = connection.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint, ContentType=kind, Accept=accept, Body=body
        )
    except ClientError as error:
        raise _refused(error, endpoint) or error from None
    return answer["Body"].read()


def command(
    environment: EnvironmentName,
    model: ModelName,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Requests: PNG, JSON, npy, text.", exists=True, dir_okay=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write the one answer here as it comes: .png, .json."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a model's endpoint about files: .png, .json, .npy or .txt.

    Example: python -m operations invoke local digits-cnn digit.png
    """
    specs = load_specs()
    place, spec = find_environment(specs, environment), find_model(specs, model)
    requests = [(path, content_type(path, spec)) for path in files]
    if output is not None:
        accept = response_type(output, spec, requests)
        ((path, kind),) = requests
        output.write_bytes(ask(connect(place), model, path.read_bytes(), kind, accept))
        say(f"Written to {output}")
        return
    connection = connect(place)
    answers = [Answer(str(path), predict(connection, model, path.read_bytes(), kind)) for path, kind in requests]
    if as_json:
        print_json([vars(answer) for answer in answers])
    else:
        out.print(predictions_table(answers))


def predictions_table(answers: list[Answer]) -> Any:
    """A row a prediction; what is a list in it (the full distribution) is left to ``--json``."""
    flat = [(answer.file, number, _flat(item)) for answer in answers for number, item in enumerate(answer.predictions)]
    columns = list(dict.fromkeys(key for _, _, item in flat for key in item))
    rows = [(file, number, *(item.get(key) for key in columns)) for file, number, item in flat]
    return table("Predictions", ("file", "item", *columns), rows)


def _flat(prediction: Any) -> dict[str, Any]:
    if not isinstance(prediction, dict):
        return {"prediction": prediction}
    return {key: value for key, value in prediction.items() if not isinstance(value, list | dict)}


def _refused(error: ClientError, endpoint: str) -> Failed | None:
    """The sentence for what an endpoint answers, None for what any service may answer."""
    if code(error) == "ModelError":
        said = error.response.get("OriginalMessage") or error.response["Error"]["Message"]
        return Failed(f"{endpoint} answered {error.response.get('OriginalStatusCode', 'an error')}: {said}")
    if is_missing(error) or code(error) == "ValidationError":
        return Failed(
            f"{endpoint} does not serve ({error.response['Error']['Message'].rstrip('.')}): release a version."
        )
    return None
