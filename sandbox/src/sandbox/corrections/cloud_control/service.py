"""The operations of Cloud Control that read and update resources.

Those that create and delete are refused: the sandbox makes resources by stacks.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from datetime import UTC, datetime
from typing import Any

from sandbox.corrections.cloud_control.errors import (
    ClientTokenConflictException,
    ConcurrentOperationException,
    RequestTokenNotFoundException,
)
from sandbox.corrections.cloud_control.held import Held, Properties, all_of, find, updatable
from sandbox.corrections.cloud_control.patches import patched
from sandbox.corrections.cloudformation.operations import resource_calls
from sandbox.frame.errors import ApiError
from sandbox.frame.json_protocol import parsed, response
from sandbox.frame.listing import Listing
from sandbox.frame.messages import Request, Response
from sandbox.frame.operations import Api, operation, service_model
from sandbox.frame.permissions import Permission
from sandbox.frame.service import Route, Service

NAMES: dict[str, str] = {}
OVERRIDES = {
    "Cloud Control: every operation": "ministack keeps a store of its own, apart from the resources of stacks and of "
    "the services; ours reads and updates the resources of stacks by CloudFormation's handlers"
}

_NAME = "cloudcontrol"
_LISTING = Listing(result="ResourceDescriptions", name="Identifier", status="", order="Ascending", by="Name")
_log = logging.getLogger(__name__)


def declare() -> Service:
    """The service, ready to be offered."""
    api = Api([CloudControl()], service_model(_NAME))

    async def handle(request: Request) -> Response:
        try:
            operation_name = request.headers.get("x-amz-target", "").rpartition(".")[2]
            return response(200, api.call(operation_name, parsed(request.body)), {})
        except ApiError as error:
            body = {"__type": error.code, "message": error.message, "Message": error.message}
            return response(error.status, body, {"x-amzn-ErrorType": error.code})

    route = Route(_NAME, "cloudformation", _permissions, handle, target_prefix="CloudApiService.")
    return Service(name=_NAME, title="AWS Cloud Control API", api=api, routes=(route,))


def _permissions(name: str, path: str, request: dict[str, Any]) -> list[Permission]:
    """The call's own action ("Actions, resources, and condition keys for AWS Cloud Control API")."""
    return [Permission(f"cloudformation:{name}", "*")]


class CloudControl:
    """The requests, and their progress."""

    def __init__(self) -> None:
        self._events: dict[str, dict[str, Any]] = {}
        self._by_client_token: dict[str, tuple[dict[str, Any], str]] = {}
        self._updating: dict[str, asyncio.Task[None]] = {}

    @operation(accepts={"TypeName", "Identifier"})
    def get_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        held = find(request["TypeName"], request["Identifier"])
        return {"TypeName": request["TypeName"], "ResourceDescription": _described(held)}

    @operation(accepts={"TypeName", "MaxResults", "NextToken"})
    def list_resources(self, request: dict[str, Any]) -> dict[str, Any]:
        found = [_described(held) for held in all_of(request["TypeName"])]
        return {"TypeName": request["TypeName"]} | _LISTING.page(found, request)

    @operation(
        accepts={"TypeName", "Identifier", "PatchDocument", "ClientToken"},
        reduced={"PatchDocument": "the update itself asks for none of the caller's permissions"},
    )
    def update_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """Begin an update, which goes on after the answer. Its result is an event, not an error."""
        if token := self._repeated(request):
            return {"ProgressEvent": self._events[token]}
        updatable(request["TypeName"])
        held = find(request["TypeName"], request["Identifier"])
        if held.is_busy or held.physical_id in self._updating:
            raise ConcurrentOperationException(f"Another operation on {held.identifier} is under way; try again later.")
        properties, token = patched(held, request["PatchDocument"]), str(uuid.uuid4())
        event = self._events[token] = {
            "TypeName": request["TypeName"],
            "Identifier": held.identifier,
            "RequestToken": token,
            "Operation": "UPDATE",
            "OperationStatus": "IN_PROGRESS",
            "EventTime": datetime.now(UTC),
        }
        self._by_client_token[request.get("ClientToken", token)] = (request, token)
        self._updating[held.physical_id] = asyncio.ensure_future(self._update(held, properties, event))
        return {"ProgressEvent": dict(event)}

    @operation(accepts={"RequestToken"})
    def get_resource_request_status(self, request: dict[str, Any]) -> dict[str, Any]:
        token = request["RequestToken"]
        if token not in self._events:
            raise RequestTokenNotFoundException(f"A request with token {token} was not found.")
        return {"ProgressEvent": self._events[token]}

    def _repeated(self, request: dict[str, Any]) -> str | None:
        """The request token of the same request before. Raises ClientTokenConflictException for another one."""
        former, token = self._by_client_token.get(request.get("ClientToken", ""), (request, None))
        if former != request:
            raise ClientTokenConflictException("This client token was used for another request.")
        return token

    async def _update(self, held: Held, properties: Properties, event: dict[str, Any]) -> None:
        """Call the type's handler in a task of its own, as a stack operation does."""
        try:
            await resource_calls.update(
                held.record, held.properties, properties, held.stack["StackName"], lambda: False
            )
        except Exception as error:
            _log.warning("%s: update failed: %s", held.identifier, error)
            event |= {"OperationStatus": "FAILED", "ErrorCode": "InvalidRequest", "StatusMessage": str(error)}
        else:
            held.keep(properties)
            event |= {"OperationStatus": "SUCCESS", "ResourceModel": json.dumps(held.model)}
        finally:
            event["EventTime"] = datetime.now(UTC)
            del self._updating[held.physical_id]


def _described(held: Held) -> dict[str, str]:
    return {"Identifier": held.identifier, "Properties": json.dumps(held.model)}
