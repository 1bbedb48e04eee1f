"""Requests to Step Functions, checked against its service model."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
from ministack.core.responses import error_response_json
from ministack.services import stepfunctions

from sandbox.corrections.stepfunctions.starting import refused_synchronously
from sandbox.frame.errors import ApiError
from sandbox.frame.validation import validate

NAMES = {"ministack.services.stepfunctions": "handle_request"}
OVERRIDES = {
    "Step Functions: every request": "its members are checked; ministack reads what it needs of them",
    "Step Functions: StartSyncExecution": "only Express state machines run synchronously; ministack runs any",
}


def install() -> None:
    """Check each request before it is served."""
    serve = stepfunctions.handle_request
    model = botocore.session.get_session().get_service_model("stepfunctions")
    shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}

    async def handle_request(method: str, path: str, headers: dict, body: bytes, query: dict) -> tuple:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        shape, given = shapes.get(action), _json(body)
        if shape is not None and isinstance(given, dict):
            try:
                validate(shape, given)
            except ApiError as fault:
                return error_response_json(fault.code, fault.message, fault.status)
            if action == "StartSyncExecution" and (refusal := refused_synchronously(given)):
                return refusal
        return await serve(method, path, headers, body, query)

    stepfunctions.handle_request = handle_request


def _json(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}")
    except ValueError:
        return None  # ministack says so
