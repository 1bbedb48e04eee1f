"""Custom resources: what CloudFormation sends to a function, and what it takes as an answer.

Sources: CloudFormation User Guide, "CloudFormation custom resource request and response reference"; Lambda Developer
Guide, "How Lambda handles errors and retries with asynchronous invocation".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_region, new_uuid
from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

_RETRIES = 2
_RESPONSE_BYTES = 4096
_PHYSICAL_ID_BYTES = 1024
_COPIED = ("StackId", "RequestId", "LogicalResourceId")


def ask_as_aws_does() -> None:
    """Fail a custom resource with its function, and refuse answers that CloudFormation does not take."""
    custom_resource.invoke_custom_resource = _ask


@dataclass(frozen=True)
class _Function:
    """The function that a ServiceToken names."""

    record: dict
    configuration: dict

    @classmethod
    def of(cls, token: object) -> _Function:
        """Raises ``ValueError``."""
        expected = f"arn:aws:lambda:{get_region()}:"
        if not (isinstance(token, str) and token.startswith(expected)):
            raise ValueError(
                f"ServiceToken is {token!r}, expected the ARN of a Lambda function that begins with {expected} "
                "(AWS takes an SNS topic, too; the sandbox does not implement that)"
            )
        record, configuration, _ = lambda_svc._get_func_record_for_ref(token)
        if record is None or configuration is None:
            raise ValueError(f"ServiceToken names a function that does not exist: {token}")
        return cls(record, configuration)

    def invoke(self, event: Mapping[str, Any]) -> str | None:
        """Invoke it, again after an error as AWS does.

        Returns the last error, or None once it has returned.
        """
        target = lambda_svc._execution_record_for_config(self.record, self.configuration)
        retries = (self.record.get("event_invoke_config") or {}).get("MaximumRetryAttempts", _RETRIES)
        failure = None
        for _ in range(1 + retries):
            result = lambda_svc._execute_function_with_config_scope(target, event)
            if not result.get("error"):
                return None
            failure = _sentence(result.get("body"))
        return failure


def _sentence(body: object) -> str:
    return str(body.get("errorMessage")) if isinstance(body, Mapping) else str(body)


def _ask(
    request_type: str, *resource: Any, physical_id: str | None = None, old_props: dict | None = None
) -> tuple[str, dict]:
    """Ask the function and wait for its answer; returns the physical id and the attributes.

    Raises ``ValueError``, and ``RuntimeError`` for what the function fails to do or to say.
    """
    logical_id, props, _, stack_id, type_name = resource
    function = _Function.of(props.get("ServiceToken"))
    seconds = _timeout(props.get("ServiceTimeout", 3600))
    token = new_uuid()
    request = {
        "RequestType": request_type,
        "RequestId": new_uuid(),
        "StackId": stack_id,
        "ResponseURL": custom_resource._response_url(token),
        "ResourceType": type_name,
        "LogicalResourceId": logical_id,
        "ResourceProperties": custom_resource._normalise_resource_properties(props),
    }
    if physical_id is not None:
        request["PhysicalResourceId"] = physical_id
    if old_props is not None:
        request["OldResourceProperties"] = custom_resource._normalise_resource_properties(old_props)
    return _answer(_response(function, request, token, seconds), request)


def _response(function: _Function, request: Mapping[str, Any], token: str, seconds: int) -> dict:
    """Invoke the function, and wait for what is put to the ResponseURL. Raises ``RuntimeError``."""
    answered = custom_resource.register_token(token)
    missing = "CloudFormation did not receive a response from your Custom Resource"
    logs = f"Please check your logs for requestId [{request['RequestId']}]."
    try:
        failure = function.invoke(request)
        if failure is not None and not answered.is_set():
            raise RuntimeError(f"{missing}. {logs} AWS would wait {seconds} s for it; the function failed: {failure}")
        if not answered.wait(seconds):
            raise RuntimeError(f"{missing} within {seconds} s, its ServiceTimeout. {logs}")
        return custom_resource._pending[token]["result"]
    finally:
        custom_resource._pending.pop(token, None)


def _timeout(value: object) -> int:
    """Parse a ServiceTimeout in seconds. Raises ``ValueError``."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3600):
        raise ValueError(f"ServiceTimeout is {value!r}, expected a number of seconds from 1 to 3600")
    return int(text)


def _answer(response: dict, request: Mapping[str, Any]) -> tuple[str, dict]:
    """The physical id and the attributes of a response. Raises ``RuntimeError``."""
    if len(json.dumps(response, separators=(",", ":"), ensure_ascii=False).encode()) > _RESPONSE_BYTES:
        raise RuntimeError(f"Response object is too long. It may have {_RESPONSE_BYTES} bytes.")
    for name in _COPIED:
        if response.get(name) != request[name]:
            raise RuntimeError(
                f"Invalid response object: {name} is {response.get(name)!r}, expected the request's {request[name]!r}"
            )
    status, reason = response.get("Status"), response.get("Reason")
    if status == "FAILED":
        raise RuntimeError(reason or "Invalid response object: Reason is missing, and Status is FAILED")
    if status != "SUCCESS":
        raise RuntimeError(f"Invalid response object: Status is {status!r}, expected 'SUCCESS' or 'FAILED'")
    physical_id, data = response.get("PhysicalResourceId"), response.get("Data") or {}
    if not (isinstance(physical_id, str) and 0 < len(physical_id.encode()) <= _PHYSICAL_ID_BYTES):
        raise RuntimeError(f"Invalid PhysicalResourceId: {physical_id!r}, expected a string of at most 1 KB")
    if not isinstance(data, dict):
        raise RuntimeError(f"Invalid response object: Data is {data!r}, expected an object")
    return physical_id, data
