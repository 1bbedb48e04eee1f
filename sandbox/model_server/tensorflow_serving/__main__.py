"""Load the models, then serve them on a socket that the model server has bound, until standard input closes."""

from __future__ import annotations

import argparse
import os
import pathlib
import socket
import sys
import threading
from typing import Any

import tensorflow as tf
import uvicorn

from sandbox.model_server.archive import versions
from sandbox.model_server.tensorflow_serving.rest_api import Models, RestApi
from sandbox.model_server.tensorflow_serving.servable import Servable


def main() -> None:
    arguments = argparse.ArgumentParser(prog="sandbox.model_server.tensorflow_serving", description=__doc__)
    arguments.add_argument("--socket", type=int, required=True, help="file descriptor of a bound socket")
    arguments.add_argument("--intra-op-threads", type=int, default=0)
    arguments.add_argument("--inter-op-threads", type=int, default=0)
    arguments.add_argument("models", nargs="+", metavar="NAME=FOLDER")
    options = arguments.parse_args()
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=options.intra_op_threads, inter_op_parallelism_threads=options.inter_op_threads
    )
    application = RestApi(_load(options.models, config)).application()
    server = uvicorn.Config(application, log_level="warning", access_log=False, lifespan="off", timeout_keep_alive=300)
    uvicorn.Server(server).run(sockets=[socket.socket(fileno=options.socket)])


def _load(models: list[str], config: Any) -> Models:
    loaded: Models = {}
    for model in models:
        name, _, folder = model.partition("=")
        loaded[name] = {}
        for version, path in versions(pathlib.Path(folder)):
            try:
                loaded[name][version] = Servable(path, config)
            except (OSError, RuntimeError, ValueError, tf.errors.OpError) as error:
                sys.exit(f"Loading servable: {{name: {name} version: {version}}} failed: {error}")
    return loaded


def _end_with_parent() -> None:
    """The parent holds the other end of standard input for as long as it lives, however it ends."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
