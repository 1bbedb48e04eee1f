"""Serve an unpacked model archive until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import pathlib
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.machines.containers.isolation import FRONT_SOCKET, ONLY_PYTHON
from sandbox.machines.model_server.archive import Code, default_model, find_models
from sandbox.machines.model_server.front import make_handler_front
from sandbox.machines.model_server.handler_packages import enter_container
from sandbox.machines.model_server.handlers import Handler, load_handler
from sandbox.machines.model_server.nginx import not_found
from sandbox.machines.model_server.no_network import refuse_connections
from sandbox.machines.model_server.plain_front import PlainFront
from sandbox.machines.model_server.serving_process import ServingProcess, loopback_socket
from sandbox.machines.model_server.settings import Settings, Unservable

_PROJECT = pathlib.Path(__file__).resolve().parents[3]
_KEEP_ALIVE = 300  # seconds: the endpoint's connections stay open between invocations
_DRAIN = 30  # seconds between SIGTERM and SIGKILL on AWS
_METHODS = ["GET", "POST", "PUT", "DELETE"]


class Front(Protocol):
    """Either mode of the container."""

    async def ping(self, request: Request) -> Response: ...

    async def invoke(self, request: Request) -> Response: ...


class Door:
    """The routes' way to the front, which is there once its handlers are loaded."""

    front: Front

    async def ping(self, request: Request) -> Response:
        return await self.front.ping(request)

    async def invoke(self, request: Request) -> Response:
        return await self.front.invoke(request)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="sandbox.machines.model_server", description=__doc__)
    arguments.add_argument("--model-dir", type=pathlib.Path, required=True)
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--python", type=pathlib.Path, help="The interpreter that handlers' own processes run.")
    options = arguments.parse_args()
    logging.basicConfig(format="%(process)d %(asctime)s %(levelname)-8s %(message)s", level=logging.INFO)
    try:
        serve(options.model_dir.resolve(), options.port, options.python)
    except Unservable as error:
        sys.exit(f"The archive cannot be served: {error}.")


def serve(archive: pathlib.Path, port: int, python: pathlib.Path | None) -> None:
    """Serve an archive. Raises Unservable if that is impossible."""
    settings = Settings.from_environment(os.environ)
    models, code = find_models(archive), Code(archive / "code")
    name = default_model(models, settings.default_model_name)
    logging.info("PYTHON SERVICE: %s", code.is_served_by_python)
    load = _loader(code, python) if code.is_served_by_python else None
    front_socket = _front_socket(port)
    door = Door()
    server = _server(door)
    new_loop = server.config.get_loop_factory()  # loads a module, as handlers' packages permit no more
    serving = ServingProcess(models, settings, _PROJECT)  # loads while the handlers are imported
    if ONLY_PYTHON in os.environ:
        refuse_connections(serving.port)
    try:
        door.front = _front(load, serving.port, name, settings)
        serving.await_available(name)
    except Unservable:
        serving.kill()
        raise
    serving.start_again_when_it_ends()
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(server.serve(sockets=[front_socket]))


def _server(door: Door) -> uvicorn.Server:
    """The HTTP server with everything that it needs loaded: handlers' packages have no place for it."""
    config = uvicorn.Config(
        _application(door),
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_DRAIN,
    )
    config.load()
    return uvicorn.Server(config)


def _front_socket(port: int) -> socket.socket:
    """The socket that an isolated server finds bound already, or a new one."""
    bound = os.environ.pop(FRONT_SOCKET, None)
    return loopback_socket(port) if bound is None else socket.socket(fileno=int(bound))


def _front(load: Callable[[], Handler] | None, tfs_port: int, name: str, settings: Settings) -> Front:
    if load is None:
        return PlainFront(tfs_port, name, settings.read_timeout)
    return make_handler_front(load(), tfs_port, name, settings)


def _loader(code: Code, python: pathlib.Path | None) -> Callable[[], Handler]:
    """Check the code for packages to install; return a function that loads the handler."""
    paths = code.paths()

    def load() -> Handler:
        enter_container(paths, python)
        try:
            return load_handler(code.script)
        except Exception as error:
            traceback.print_exc()
            raise Unservable(f"code/inference.py does not load: {error}") from error

    return load


def _application(door: Door) -> Starlette:
    return Starlette(
        routes=[
            Route("/ping", door.ping, methods=_METHODS),
            Route("/invocations", door.invoke, methods=["POST"]),
            Route("/{path:path}", not_found, methods=_METHODS),
        ]
    )


if __name__ == "__main__":
    main()
