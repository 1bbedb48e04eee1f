"""Which invocations go past the gateway: plain ones, of a size that AWS takes, by principals that may invoke."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace

from sandbox.frame.host import Host, Request, Response
from sandbox.machines.plain_http.head import Head
from sandbox.services.sagemaker.endpoints.runtime import LARGEST_PAYLOAD, SERVICE, Runtime, endpoint_name

_LINE = re.compile(r"POST /endpoints/[^/?# ]+/invocations HTTP/1\.1")

Allows = Callable[[Request, str, str, str], bool]
"""(request, service, action, resource) -> whether the caller may."""


class InvocationPath:
    """The fast path of InvokeEndpoint."""

    prefix = b"POST /endpoints/"

    def __init__(self, host: Host, runtime: Runtime, allows: Allows) -> None:
        self._host, self._runtime, self._allows = host, runtime, allows

    def takes(self, head: Head) -> bool:
        return head.length <= LARGEST_PAYLOAD and _LINE.fullmatch(head.line) is not None

    def admits(self, request: Request) -> bool:
        endpoint = self._host.arn("sagemaker", f"endpoint/{endpoint_name(request).lower()}")
        return self._allows(request, SERVICE, "sagemaker:InvokeEndpoint", endpoint)

    async def serve(self, request: Request) -> Response:
        response = await self._runtime.handle(request)
        return replace(response, headers={**response.headers, "x-amzn-RequestId": str(uuid.uuid4())})
