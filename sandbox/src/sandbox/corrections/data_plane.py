"""The decision on a request that goes past the gateway, made exactly as the gateway makes it."""

from __future__ import annotations

import contextvars

from ministack import app
from ministack.core import iam_evaluator, responses, router

from sandbox.frame.messages import Request

NAMES = {
    "ministack.app": "_request_account_scope pin_request_origin pin_signed_request pin_signed_body",
    "ministack.core.iam_evaluator": "enforce AmbiguousAccessKeyError",
    "ministack.core.responses": "set_request_account_id set_request_client_ip set_request_region",
    "ministack.core.router": "extract_access_key_id extract_region",
}
OVERRIDES = {
    "the way of InvokeEndpoint": "plain invocations go past the gateway, whose routing costs as much as a model; their "
    "signature and permission are checked as there",
}

_LOOPBACK = "127.0.0.1"


def allows(request: Request, service: str, action: str, resource: str) -> bool:
    """Whether a request without a query is well signed and its principal may do this. Why not, the gateway says."""
    return contextvars.copy_context().run(_allows, request, service, action, resource)


def _allows(request: Request, service: str, action: str, resource: str) -> bool:
    key = router.extract_access_key_id(request.headers)
    region = router.extract_region(request.headers)
    responses.set_request_client_ip(_LOOPBACK)
    app.pin_request_origin(_LOOPBACK, True)
    try:
        responses.set_request_account_id(app._request_account_scope(key))
    except iam_evaluator.AmbiguousAccessKeyError:
        return False
    responses.set_request_region(region)
    fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()]
    app.pin_signed_request(request.method, request.path, {}, fields)
    app.pin_signed_body(request.body)
    return iam_evaluator.enforce(key, action, service, region, resource_arn=resource) is None
