"""Throttled calls to SageMaker and CloudFormation, by the fault api-throttled.

Sources: AWS, "Common Errors" in the Amazon SageMaker AI and the AWS CloudFormation API Reference (ThrottlingException,
Throttling). SageMaker's calls in .sync tasks are throttled in its own room: they come by no request.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from ministack import app
from ministack.core import iam_actions
from ministack.services.cloudformation import helpers

from sandbox.corrections.faults import caller_role
from sandbox.faults import ApiThrottled, Faults, FaultsUnreadable
from sandbox.frame.errors import ThrottlingException, ValidationException
from sandbox.frame.json_protocol import CONTENT_TYPE

NAMES = {
    "ministack.app": "SERVICE_HANDLERS",
    "ministack.core.iam_actions": "extract_iam_action",
    "ministack.services.cloudformation.helpers": "_error",
}
OVERRIDES = {"SageMaker, CloudFormation: every request": "the fault api-throttled strikes before it is served"}

Handler = Callable[..., Awaitable[tuple]]
Refusal = Callable[[str, str], tuple]
"""(code, message) -> an HTTP response in the service's protocol."""


def install(faults: Faults) -> None:
    """Throttle both services; SageMaker must be offered already."""
    _throttle(faults, "cloudformation", "Throttling", helpers._error)
    _throttle(faults, "sagemaker", ThrottlingException.__name__, _json_error)


def _throttle(faults: Faults, service: str, code: str, refuse: Refusal) -> None:
    serve: Handler = app.SERVICE_HANDLERS[service]

    async def handle_request(method: str, path: str, headers: dict, body: bytes, query: dict) -> tuple:
        action = iam_actions.extract_iam_action(service, method, path, headers, body, query) or ""
        facts = {"service": service, "action": action.partition(":")[2], "role": caller_role()}
        try:
            throttled = faults.find(ApiThrottled, **facts)
        except FaultsUnreadable as error:
            return refuse(ValidationException.__name__, str(error))
        return (
            refuse(code, ThrottlingException().message)
            if throttled
            else await serve(method, path, headers, body, query)
        )

    app.SERVICE_HANDLERS[service] = handle_request


def _json_error(code: str, message: str) -> tuple:
    return 400, {"Content-Type": CONTENT_TYPE}, json.dumps({"__type": code, "message": message}).encode()
