"""/ping and /invocations, which is all that SageMaker knows of a container."""

from __future__ import annotations

import io
import json
import logging

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.model_server.handlers import BadAttributes, Handler, context_of

log = logging.getLogger(__name__)


def application(handler: Handler, rest_port: int, model_name: str) -> Starlette:
    """The container's HTTP side; handlers block, so each runs on a thread."""

    async def ping(_request: Request) -> Response:
        return Response(status_code=200)

    async def invocations(request: Request) -> Response:
        body = await request.body()
        try:
            context = context_of(dict(request.headers), len(body), rest_port, model_name)
            content, content_type = await run_in_threadpool(handler, io.BytesIO(body), context)
        except BadAttributes as error:
            return JSONResponse({"error": str(error)}, 400)
        except Exception as error:
            log.exception("exception handling request: %s", error)
            return Response(json.dumps({"error": str(error)}), 500, media_type="application/json")
        return Response(content, media_type=content_type)

    return Starlette(routes=[Route("/ping", ping), Route("/invocations", invocations, methods=["POST"])])
