"""TensorFlow Serving's REST API over one model: `/v1/models/<name>[/versions/<n>][:predict]`."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.model_server.archive import Archive
from sandbox.model_server.saved_model import BadRequest, SavedModel


def application(archive: Archive) -> Starlette:
    """The API over every version of the archive's model; the highest one answers where none is named."""
    models = {version: SavedModel(folder) for version, folder in archive.versions.items()}

    async def status(request: Request) -> Response:
        if request.path_params["name"] != archive.model_name:
            return _not_found(request)
        fine = {"error_code": "OK", "error_message": ""}
        states = [{"version": str(version), "state": "AVAILABLE", "status": fine} for version in sorted(models)]
        return JSONResponse({"model_version_status": states})

    async def predict(request: Request) -> Response:
        version = request.path_params.get("version", max(models))
        if request.path_params["name"] != archive.model_name or version not in models:
            return _not_found(request)
        try:
            body = json.loads(await request.body())
            answer = await run_in_threadpool(models[version].predict, body)
        except (BadRequest, json.JSONDecodeError, UnicodeDecodeError) as error:
            reason = str(error) if isinstance(error, BadRequest) else f"JSON Parse error: {error}"
            return JSONResponse({"error": reason}, 400)
        return JSONResponse(answer)

    return Starlette(
        routes=[
            Route("/v1/models/{name}/versions/{version:int}:predict", predict, methods=["POST"]),
            Route("/v1/models/{name}:predict", predict, methods=["POST"]),
            Route("/v1/models/{name}", status),
        ]
    )


def _not_found(request: Request) -> Response:
    name, version = request.path_params["name"], request.path_params.get("version")
    wanted = f"Specific({name}, {version})" if version else f"Latest({name})"
    return JSONResponse({"error": f"Servable not found for request: {wanted}"}, 404)


def main() -> None:
    """Serve until killed; the front process waits for the port."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    archive = Archive.read(arguments.model_dir)
    uvicorn.run(application(archive), host="127.0.0.1", port=arguments.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
