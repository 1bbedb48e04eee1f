"""The responses of nginx itself in the container (nginx.conf.template)."""

from __future__ import annotations

import http
import json

from starlette.requests import Request
from starlette.responses import Response


def json_error(status: int, sentence: str) -> Response:
    """A refusal by the container itself."""
    return Response(json.dumps({"error": sentence}), status, {"content-type": "application/json"})


def error_page(status: int) -> Response:
    """nginx's answer without a body from behind it."""
    return Response(page(status), status, {"content-type": "text/html"})


def page(status: int) -> bytes:
    """nginx's page for an error."""
    title = f"{status} {http.HTTPStatus(status).phrase.replace('Timeout', 'Time-out')}"
    text = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    return (text + "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n").encode()


async def not_found(request: Request) -> Response:
    """Answer all paths but the container's two."""
    return json_error(404, "Not Found")
