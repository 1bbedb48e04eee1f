"""`invoke`: send files to a model's endpoint and show its predictions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from operations.aws.connection import connect
from operations.deployed.predictions import JSON, answer, predict
from operations.errors import BadInput
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, find
from operations.terminal.render import out, print_json, say, table
from specs import ModelSpec

CONTENT_TYPES = {".png": "image/png", ".json": JSON, ".npy": "application/x-npy", ".txt": "text/plain"}


@dataclass(frozen=True)
class Answer:
    """The endpoint's predictions for one file."""

    file: str
    predictions: list[Any]


def content_type(path: Path, model: ModelSpec) -> str:
    """The content type for a file's suffix. Raises ``BadInput`` if the model does not take it."""
    found = CONTENT_TYPES.get(path.suffix.lower())
    if found is None:
        raise BadInput(f"{path}: its suffix names no content type; use {', '.join(CONTENT_TYPES)}.")
    if found not in model.serving.content_types:
        raise BadInput(f"{path}: {model.name} takes {', '.join(model.serving.content_types)}, not {found}.")
    return found


def response_type(path: Path, model: ModelSpec, requests: list[tuple[Path, str]]) -> str:
    """The content type for the one answer's file. Raises ``BadInput`` if the model does not answer in it."""
    if len(requests) > 1:
        raise BadInput(f"--output {path} takes the answer of one request, and {len(requests)} files are given.")
    found = CONTENT_TYPES.get(path.suffix.lower())
    if found not in model.serving.response_types:
        allowed = ", ".join(model.serving.response_types)
        raise BadInput(f"--output {path}: {model.name} answers in {allowed}, and this suffix names none of them.")
    return found


def command(
    environment_name: EnvironmentName,
    model_name: ModelName,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Requests: PNG, JSON, npy, text.", exists=True, dir_okay=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write the answer to one request to this file: .png, .json."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a model's endpoint about files: .png, .json, .npy or .txt.

    Example: python -m operations invoke local digits-cnn digit.png
    """
    environment, model = find(environment_name, model_name)
    requests = [(path, content_type(path, model)) for path in files]
    if output is not None:
        accept = response_type(output, model, requests)
        ((path, kind),) = requests
        output.write_bytes(answer(connect(environment), model.name, path.read_bytes(), kind, accept))
        say(f"Written to {output}")
        return
    connection = connect(environment)
    answers = [Answer(str(path), predict(connection, model.name, path.read_bytes(), kind)) for path, kind in requests]
    if as_json:
        print_json([vars(each) for each in answers])
    else:
        out.print(predictions_table(answers))


def predictions_table(answers: list[Answer]) -> Table:
    """One row a prediction; lists in it (the full distribution) are left to ``--json``."""
    flat = [(each.file, number, _flat(item)) for each in answers for number, item in enumerate(each.predictions)]
    columns = list(dict.fromkeys(key for _, _, item in flat for key in item))
    rows = [(file, number, *(item.get(key) for key in columns)) for file, number, item in flat]
    return table("Predictions", ("file", "item", *columns), rows)


def _flat(prediction: Any) -> dict[str, Any]:
    if not isinstance(prediction, dict):
        return {"prediction": prediction}
    return {key: value for key, value in prediction.items() if not isinstance(value, list | dict)}
