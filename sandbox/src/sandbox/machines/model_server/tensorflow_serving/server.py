"""The REST API of loaded models, on a socket that the model server has bound."""

from __future__ import annotations

import pathlib
import socket
import sys
from collections.abc import Sequence
from typing import Any

import uvicorn
from tensorflow.core.protobuf.config_pb2 import ConfigProto
from tensorflow.python.framework.errors_impl import OpError

from sandbox.machines.model_server.archive import versions
from sandbox.machines.model_server.tensorflow_serving.rest_api import Models, RestApi
from sandbox.machines.model_server.tensorflow_serving.servable import Servable


def serve(models: Sequence[str], listener: socket.socket, intra_op_threads: int, inter_op_threads: int) -> None:
    """Serve models given as NAME=FOLDER. Exits if one does not load."""
    config = ConfigProto(intra_op_parallelism_threads=intra_op_threads, inter_op_parallelism_threads=inter_op_threads)
    application = RestApi(_load(models, config)).application()
    server = uvicorn.Config(application, log_level="warning", access_log=False, lifespan="off", timeout_keep_alive=300)
    uvicorn.Server(server).run(sockets=[listener])


def _load(models: Sequence[str], config: Any) -> Models:
    loaded: Models = {}
    for model in models:
        name, _, folder = model.partition("=")
        loaded[name] = {}
        for version, path in versions(pathlib.Path(folder)):
            try:
                loaded[name][version] = Servable(path, config)
            except (OSError, RuntimeError, ValueError, OpError) as error:
                sys.exit(f"Loading servable: {{name: {name} version: {version}}} failed: {error}")
    return loaded
