"""Serve an unpacked model archive until SIGTERM."""

from __future__ import annotations

import argparse
import logging
import os
import pathlib
import sys
import traceback

import uvicorn

from sandbox.model_server.archive import code_paths, default_model, find_models
from sandbox.model_server.front import make_front
from sandbox.model_server.handlers import load_handler
from sandbox.model_server.import_guard import enter_container
from sandbox.model_server.serving_process import ServingProcess, loopback_socket
from sandbox.model_server.settings import Settings, Unservable

_PROJECT = pathlib.Path(__file__).resolve().parents[2]
_KEEP_ALIVE = 300  # seconds: the endpoint's connections stay open between invocations
_DRAIN = 30  # seconds between SIGTERM and SIGKILL on AWS


def main() -> None:
    arguments = argparse.ArgumentParser(prog="sandbox.model_server", description=__doc__)
    arguments.add_argument("--model-dir", type=pathlib.Path, required=True)
    arguments.add_argument("--port", type=int, required=True)
    options = arguments.parse_args()
    logging.basicConfig(format="%(process)d %(asctime)s %(levelname)-8s %(message)s", level=logging.INFO)
    try:
        serve(options.model_dir.resolve(), options.port)
    except Unservable as error:
        sys.exit(f"The archive cannot be served: {error}.")


def serve(archive: pathlib.Path, port: int) -> None:
    """Raises Unservable for an archive that cannot be served."""
    settings = Settings.from_environment(os.environ)
    models = find_models(archive)
    name, paths = default_model(models, settings.default_model_name), code_paths(archive)
    front_socket = loopback_socket(port)
    serving = ServingProcess(models, settings, _PROJECT)
    enter_container(paths, str(_PROJECT))
    try:
        handler = load_handler(archive / "code" / "inference.py")
    except Exception as error:
        traceback.print_exc()
        raise Unservable(f"code/inference.py does not load: {error}") from error
    serving.await_available(name)
    serving.end_with_it()
    front = make_front(handler, serving.port, name, settings.wait_seconds)
    config = uvicorn.Config(
        front.application(),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_DRAIN,
    )
    uvicorn.Server(config).run(sockets=[front_socket])


if __name__ == "__main__":
    main()
