"""Further services behind ministack's gateway, and the gateway itself."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.core import router
from ministack.services import tagging

from sandbox.corrections.one_region import require_region
from sandbox.corrections.protocols import refused
from sandbox.frame.errors import ValidationException
from sandbox.frame.messages import Request
from sandbox.frame.service import Handler, HeaderRoute, Route, Tagged

NAMES = {
    "ministack.app": "app SERVICE_REGISTRY SERVICE_HANDLERS _loaded_modules _send_response detect_service "
    "pin_request_origin",
    "ministack.core.router": "SERVICE_PATTERNS",
    "ministack.services.tagging": "_COLLECTORS _RESOURCE_TAG_COLLECTORS",
}
OVERRIDES = {
    "`detect_service`": "requests for our own services are recognised by target prefix, path or header",
    "Resource Groups Tagging API": "tags of our own services are found, too",
    "answers of 204 and 304": "ministack sends the body that a mock integration gives them, and the connection breaks",
    "secure transport": "the loopback interface counts as TLS, or policies that demand TLS would refuse everything",
}

_BODILESS = (204, 304)

gateway = app.app
"""The ASGI application that serves every API."""


def add_route(route: Route | HeaderRoute) -> None:
    """Send the requests that belong to the route to its handler, if it has one."""
    if route.handle is None:
        return
    if isinstance(route, HeaderRoute):
        _add_handler(route.name, route.handle, target_prefix=None)
        _route_header(route.header, route.name)
        return
    _add_handler(route.name, route.handle, target_prefix=route.target_prefix)
    if route.path is not None:
        _route_path(route.path, route.name)


def _add_handler(name: str, handle: Handler, *, target_prefix: str | None) -> None:

    async def handle_request(method: str, path_: str, headers: dict, body: bytes, query: dict) -> tuple:
        try:
            require_region(name)
        except ValidationException as error:
            return refused(headers, error)
        response = await handle(Request(method, path_, headers, body or b"", query))
        return response.status, response.headers, response.body

    module = types.ModuleType(f"ministack.services.{name}")
    module.handle_request = handle_request  # type: ignore[attr-defined]
    module.reset = lambda: None  # type: ignore[attr-defined]
    module.get_state = dict  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    app._loaded_modules[name] = module
    app.SERVICE_REGISTRY[name] = {"module": name}
    app.SERVICE_HANDLERS[name] = handle_request
    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target_prefix] if target_prefix else []}


def _route_header(header: str, name: str) -> None:
    detect = app.detect_service

    def detect_service(method: str, path: str, headers: dict, query: dict) -> str:
        return name if header in headers else detect(method, path, headers, query)

    app.detect_service = detect_service


def _route_path(pattern: re.Pattern[str], name: str) -> None:
    detect = app.detect_service

    def detect_service(method: str, path: str, headers: dict, query: dict) -> str:
        return name if pattern.fullmatch(path) else detect(method, path, headers, query)

    app.detect_service = detect_service


def add_tags(service: str, tags: Callable[[], Tagged]) -> None:
    """Provide a service's tags to the Resource Groups Tagging API and to aws:ResourceTag.

    ``tags`` returns pairs of ARN and tag list.
    """
    tagging._COLLECTORS[service] = tags
    tagging._RESOURCE_TAG_COLLECTORS[service] = tags


def accept_loopback_as_secure() -> None:
    """Treat the loopback interface as TLS for policies: no data leaves the machine."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, _secure: pin(source_ip, source_ip in ("127.0.0.1", "::1"))


def send_no_body_where_http_has_none() -> None:
    """Drop the body of 204 and 304 (RFC 9110): the CDK answers CORS preflights so."""
    send_response = app._send_response

    async def send(send: Any, status: int, headers: dict, body: bytes | str, *, head: bool = False) -> None:
        await send_response(send, status, headers, b"" if status in _BODILESS else body, head=head)

    app._send_response = send
