"""An app's pages in a browser: a host of its own, signed in to by a presigned URL, then known by a cookie."""

from __future__ import annotations

import http.cookies
import urllib.parse
from typing import Any

from sandbox.frame.messages import Request, Response
from sandbox.services.sagemaker.mlflow_apps.data_plane import DataPlane
from sandbox.services.sagemaker.mlflow_apps.mlflow_apps import MlflowApps
from sandbox.services.sagemaker.mlflow_apps.sign_in import HOST_SUFFIX

_COOKIE = "mlflow-app-session"
_SIGN_IN = (
    "This page wants a session. Ask for a new URL (CreatePresignedMlflowAppUrl) and open it: it is good once, and for "
    "the time that was asked for.\n"
)


class Pages:
    """Stands before the gateway and takes the requests to apps' hosts."""

    def __init__(self, apps: MlflowApps, data_plane: DataPlane) -> None:
        self._apps = apps
        self._data_plane = data_plane

    def guard(self, application: Any) -> Any:
        """The ASGI application with the apps' pages beside it."""

        async def guarded(scope: dict[str, Any], receive: Any, send: Any) -> None:
            host = dict(scope.get("headers", [])).get(b"host", b"").decode("latin-1").partition(":")[0].lower()
            if scope["type"] != "http" or not host.endswith(HOST_SUFFIX):
                await application(scope, receive, send)
                return
            response = await self._answer(host, _request(scope, await _body(receive)))
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
            length = (b"content-length", str(len(response.body)).encode())
            await send({"type": "http.response.start", "status": response.status, "headers": [*headers, length]})
            await send({"type": "http.response.body", "body": response.body})

        return guarded

    async def _answer(self, host: str, request: Request) -> Response:
        if request.path == "/auth":
            return self._open(host, request.query.get("authToken", [""])[0])
        cookies = http.cookies.SimpleCookie(request.headers.get("cookie", ""))
        arn = self._apps.sign_in.app(cookies[_COOKIE].value, host) if _COOKIE in cookies else None
        return await self._data_plane.ask(arn, request) if arn else _text(403, _SIGN_IN)

    def _open(self, host: str, token: str) -> Response:
        opened = self._apps.sign_in.open(token, host)
        if opened is None:
            return _text(403, _SIGN_IN)
        session, seconds = opened
        cookie = f"{_COOKIE}={session}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict"
        return Response(302, {"Location": "/", "Set-Cookie": cookie}, b"")


def _request(scope: dict[str, Any], body: bytes) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = urllib.parse.parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    return Request(scope["method"], scope["path"], headers, body, query)


async def _body(receive: Any) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _text(status: int, text: str) -> Response:
    return Response(status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())
