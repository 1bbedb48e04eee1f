"""The container's HTTP interface without handlers: nginx in front of TensorFlow Serving.

Source: tensorflowServing.js, nginx.conf.template.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from sandbox.machines.model_server.attributes import ATTRIBUTES_HEADER, METHODS, MODEL_NAME, VERSION
from sandbox.machines.model_server.conversions import CONVERSIONS
from sandbox.machines.model_server.nginx import error_page, json_error, page
from sandbox.machines.plain_http.client import Answer, Client, NoAnswer

_ATTRIBUTE = re.compile(r"tfs-[a-z\-]+=[^,]+")
_ASKS_FOR_JSON = {"application/json", "application/jsonlines"}
_JSON = {"content-type": "application/json"}


class InvalidAttribute(Exception):
    """When a tfs- attribute is invalid for the container."""


@dataclass(frozen=True)
class PlainFront:
    """TensorFlow Serving's port and nginx's timeout."""

    tfs_port: int
    default_model: str
    read_timeout: int
    client: Client = field(default_factory=Client)

    async def ping(self, request: Request) -> Response:
        """Answer 200 while the model is AVAILABLE, else 502."""
        try:
            path = _path(request, self.default_model, method=None)
        except InvalidAttribute as error:
            return json_error(400, str(error))
        answer = await self._ask("GET", path, b"")
        return Response() if answer.status == 200 and b'"AVAILABLE"' in answer.body else error_page(502)

    async def invoke(self, request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        convert = CONVERSIONS.get(content_type)
        if convert is None:
            return json_error(415, f"Unsupported Media Type: {content_type or 'Unknown'}")
        body = convert((await request.body()).decode("utf-8", "replace")).encode()
        try:
            path = _path(request, self.default_model, method="predict")
        except InvalidAttribute as error:
            return json_error(400, str(error))
        return _reply(await self._ask("POST", path, body), request.headers.get("accept"))

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        try:
            async with asyncio.timeout(self.read_timeout):
                return await self.client.send(self.tfs_port, method, path, _JSON, body)
        except TimeoutError:
            return Answer(504, {}, page(504))
        except NoAnswer:
            return Answer(502, {}, page(502))


def _path(request: Request, default_model: str, method: str | None) -> str:
    """The path on TensorFlow Serving. As in the script, attribute values with "=" are ignored."""
    pairs = (found.split("=") for found in _ATTRIBUTE.findall(request.headers.get(ATTRIBUTES_HEADER, "")))
    attributes = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    name, version = attributes.get("tfs-model-name"), attributes.get("tfs-model-version")
    if name is not None and not MODEL_NAME.fullmatch(name):
        raise InvalidAttribute("invalid tfs-model-name")
    if version is not None and not VERSION.fullmatch(version):
        raise InvalidAttribute("invalid tfs-model-version")
    path = f"/v1/models/{name or default_model}" + (f"/versions/{version}" if version is not None else "")
    if method is None:
        return path
    asked_for = attributes.get("tfs-method", method)
    if asked_for not in METHODS:
        raise InvalidAttribute("invalid tfs-method")
    return f"{path}:{asked_for}"


def _reply(answer: Answer, accept: str | None) -> Response:
    body = answer.body
    if answer.status == 400:
        body = body.replace(b"\\'instances\\'", b"'instances'", 1)
    if accept is not None and _ASKS_FOR_JSON & {kind.strip() for kind in accept.split(",")}:
        body = body.replace(b"\n", b"")
    return Response(body, answer.status, _JSON)
