"""The way of plain invocations past the gateway: of an allowed size, by principals that may invoke."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

from sandbox.frame.host import Host
from sandbox.frame.messages import Request, Response
from sandbox.services.sagemaker.endpoints.runtime import LARGEST_PAYLOAD, SERVICE, Runtime, endpoint_name

_LINE = re.compile(r"POST /endpoints/[^/?# ]+/invocations HTTP/1\.1")


class InvocationPath:
    """The fast path of InvokeEndpoint."""

    prefix = b"POST /endpoints/"

    def __init__(self, host: Host, runtime: Runtime) -> None:
        self._host, self._runtime = host, runtime

    def takes(self, line: str, length: int) -> bool:
        return length <= LARGEST_PAYLOAD and _LINE.fullmatch(line) is not None

    def admits(self, request: Request) -> bool:
        endpoint = self._host.arn("sagemaker", f"endpoint/{endpoint_name(request).lower()}")
        return self._host.allows(request, SERVICE, "sagemaker:InvokeEndpoint", endpoint)

    async def serve(self, request: Request) -> Response:
        response = await self._runtime.handle(request)
        return replace(response, headers={**response.headers, "x-amzn-RequestId": str(uuid.uuid4())})
