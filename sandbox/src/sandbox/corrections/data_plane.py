"""The gateway's authorization, for requests that bypass the gateway."""

from __future__ import annotations

import contextvars

from ministack import app
from ministack.core import iam_evaluator, responses, router

from sandbox.frame.host import REGION
from sandbox.frame.messages import Request

NAMES = {
    "ministack.app": "_request_account_scope pin_request_origin pin_signed_request pin_signed_body",
    "ministack.core.iam_evaluator": "enforce AmbiguousAccessKeyError",
    "ministack.core.responses": "set_request_account_id set_request_client_ip set_request_region",
    "ministack.core.router": "extract_access_key_id extract_region",
}
OVERRIDES = {
    "the way of InvokeEndpoint": "plain invocations bypass the gateway, because its routing costs as much as a model; "
    "signature and permission are checked in the same way",
}

_LOOPBACK = "127.0.0.1"


def allows(request: Request, service: str, action: str, resource: str) -> bool:
    """Check signature and permission of a request without a query.

    A refused request goes to the gateway, which answers with the reason.
    """
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
    if region != REGION:
        return False
    responses.set_request_region(region)
    fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()]
    app.pin_signed_request(request.method, request.path, {}, fields)
    app.pin_signed_body(request.body)
    return iam_evaluator.enforce(key, action, service, region, resource_arn=resource) is None
