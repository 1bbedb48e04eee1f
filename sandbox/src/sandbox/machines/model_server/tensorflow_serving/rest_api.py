"""The routes of TensorFlow Serving's REST API (model_servers/http_rest_api_util.cc)."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.machines.model_server.tensorflow_serving.errors import NOT_FOUND, UNIMPLEMENTED, ServingError
from sandbox.machines.model_server.tensorflow_serving.servable import Servable, model_status

Models = dict[str, dict[int, Servable]]
"""The loaded versions by model name."""

_MODEL = r"(?i:/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>\d+))?"
_PREDICT = re.compile(_MODEL + r":(?P<method>classify|regress|predict))")
_STATUS = re.compile(_MODEL + r"(?P<metadata>/metadata)?)")


class RestApi:
    """The API of the given models; predictions run in threads and block no status requests."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._threads = ThreadPoolExecutor(thread_name_prefix="predict")

    def application(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._serve, methods=["GET", "POST"])])

    async def _serve(self, request: Request) -> Response:
        try:
            body = await (self._predict(request) if request.method == "POST" else self._status(request))
            return Response(body, 200, {"Content-Type": "application/json"})
        except ServingError as error:
            body = json.dumps({"error": error.message}, ensure_ascii=False).encode("utf-8", "surrogateescape")
            return Response(body, error.status, {"Content-Type": "application/json"})

    async def _predict(self, request: Request) -> bytes:
        found = _PREDICT.fullmatch(request.url.path)
        if found is None:
            raise ServingError(f"Malformed request: POST {request.url.path}")
        if found["method"].lower() != "predict":
            raise ServingError(f"the sandbox's model server implements :predict, not :{found['method']}", UNIMPLEMENTED)
        servable = self._servable(urllib.parse.unquote(found["name"]), found["version"])
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, servable.predict, await request.body())

    async def _status(self, request: Request) -> bytes:
        found = _STATUS.fullmatch(request.url.path)
        if found is None:
            raise ServingError(f"Malformed request: GET {request.url.path}")
        if found["metadata"]:
            raise ServingError("the sandbox's model server does not implement model metadata", UNIMPLEMENTED)
        name = urllib.parse.unquote(found["name"])
        versions = sorted(self._models.get(name, {}))
        if found["version"] and int(found["version"]) not in versions:
            raise ServingError(f"Could not find version {int(found['version'])} of model {name}", NOT_FOUND)
        if not versions:
            raise ServingError(f"Could not find any versions of model {name}", NOT_FOUND)
        return model_status([int(found["version"])] if found["version"] else versions)

    def _servable(self, name: str, version: str | None) -> Servable:
        """The requested version, or the newest."""
        versions = self._models.get(name, {})
        if version is None and versions:
            return versions[max(versions)]
        if version is not None and int(version) in versions:
            return versions[int(version)]
        wanted = f"Specific({name}, {int(version)})" if version is not None else f"Latest({name})"
        raise ServingError(f"Servable not found for request: {wanted}", NOT_FOUND)
