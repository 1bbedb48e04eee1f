"""The current request: permissions beyond its action, and the form of its refusal.

ministack checks one permission for each request; AWS checks more. The request's own parameters are kept for the gate,
and are used for the first check only, because ministack makes further checks in some requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from functools import cached_property
from typing import Any

from ministack import app
from ministack.core import iam_actions

from sandbox.corrections.iam import boundaries, encryption, gate, passed_roles
from sandbox.frame.messages import Request
from sandbox.frame.operations import service_model
from sandbox.frame.permissions import Permission
from sandbox.frame.service import HeaderRoute, Permissions, Route
from sandbox.frame.validation import well_typed

NAMES = {
    "ministack.app": "_dispatch_service_request _routing_params",
    "ministack.core.iam_actions": "extract_iam_action extract_resource_arn access_denied_response "
    "request_tag_context SERVICE_TO_IAM_NAMESPACE _BOTOCORE_SERVICE_MAP",
}
OVERRIDES = {
    "IAM: the action of a request": "X-Amz-Target decides where there is one: a parameter named Action in the query "
    "would otherwise be authorized in its place; for our own services, their permissions decide",
    "IAM: refusals": "the sentence names principal, action and resource, and says what kind of policy decided",
}

_JSON_400 = {"ssm", "logs"}
"""Services that answer a refusal with HTTP 400 and a capitalized Message (JSON 1.1); our own join them."""


class _Request(Request):
    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The parameters by name, from a JSON or form body; empty for others."""
        try:
            if self.body[:1] == b"{":
                return json.loads(self.body)
            found = app._routing_params(self.method, self.path, self.headers, self.body, self.query)
        except (ValueError, RecursionError):
            return {}
        return {name: value[0] if isinstance(value, list) and value else value for name, value in found.items()}


_request: ContextVar[_Request | None] = ContextVar("request", default=None)
_services: dict[str, Permissions] = {}
_by_headers: dict[str, Callable[[Mapping[str, str]], Permission]] = {}


def authorize(route: Route | HeaderRoute) -> None:
    """Let ministack check the requests of a service that it does not know."""
    iam_actions.SERVICE_TO_IAM_NAMESPACE[route.name] = route.namespace
    match route:
        case Route():
            iam_actions._BOTOCORE_SERVICE_MAP[route.name] = [route.name]
            _services[route.name] = route.permissions
            if route.target_prefix is not None:
                _JSON_400.add(route.name)
        case HeaderRoute():
            _by_headers[route.name] = route.permission


def demands(service: str, action: str, resource: str) -> Iterable[Permission]:
    """The permissions of the current request beyond the one being checked; returned once."""
    request = _request.get()
    if request is None:
        return
    _request.set(None)
    if service in _services:
        yield from _permissions(service, action, request)[1:]
    if action in passed_roles.ACTIONS:
        yield from passed_roles.demands(action, request.parameters)
    if action in encryption.ACTIONS:
        yield from encryption.demands(action, resource, request.headers, request.query)


def _permissions(service: str, action: str, request: _Request) -> list[Permission]:
    """The permissions of a request. Its operation is in its target, if it has one; an action may be less exact."""
    if target := request.headers.get("x-amz-target", "").rpartition(".")[2]:
        return _services[service](target, request.path, well_typed(service_model(service), target, request.parameters))
    return _services[service](action.partition(":")[2], request.path, request.parameters)


def install() -> None:
    """Keep each request for the gate, with action, resource and refusal as on AWS."""
    _keep_requests()
    _name_actions()
    _name_resources()
    _word_refusals()


def _keep_requests() -> None:
    dispatch = app._dispatch_service_request

    async def dispatch_request(*request: Any) -> tuple:
        method, path, headers, body, query, _ = request
        _request.set(_Request(method, path, headers, body or b"", query))
        return await dispatch(*request)

    app._dispatch_service_request = dispatch_request


def _name_actions() -> None:
    action_of = iam_actions.extract_iam_action

    def extract_action(*request: Any) -> str | None:
        service, method, path, headers, body, query = request
        if service in _by_headers:
            return _by_headers[service](headers).action
        if headers.get("x-amz-target"):
            query, headers = {}, {**headers, "content-type": ""}
        action = action_of(service, method, path, headers, body, query)
        sent = _request.get()
        if action and service in _services and sent is not None:
            return _permissions(service, action, sent)[0].action
        return action

    iam_actions.extract_iam_action = extract_action


def _name_resources() -> None:
    resource_of, keys_of = iam_actions.extract_resource_arn, iam_actions.request_tag_context

    def extract_resource(service: str, *sent: Any) -> str:
        request = _request.get()
        if service in _by_headers and request is not None:
            return _by_headers[service](request.headers).resource
        if service in _services and request is not None:
            *parts, _region, _account = sent
            action = iam_actions.extract_iam_action(service, *parts) or ""
            return _permissions(service, action, request)[0].resource
        return resource_of(service, *sent)

    def request_context(service: str, action: str, body: bytes, parameters: dict) -> dict:
        request = _request.get()
        if service in _services and request is not None:
            return dict(_permissions(service, action, request)[0].context)
        keys = keys_of(service, action, body, parameters)
        if service == "iam":
            return keys | boundaries.context(action, parameters)
        return keys if service != "kms" or request is None else keys | encryption.context_keys(request.parameters)

    iam_actions.extract_resource_arn = extract_resource
    iam_actions.request_tag_context = request_context


def _word_refusals() -> None:
    denied = iam_actions.access_denied_response

    def access_denied(service: str, action: str, principal: str, request_id: str, **options: Any) -> tuple:
        sentence = "" if options.get("error_code") else gate.refusal.get()
        if sentence and service in _JSON_400:
            body = {"__type": "AccessDeniedException", "Message": sentence}
            return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(body).encode()
        if sentence:
            options["message"] = sentence
        return denied(service, action, principal, request_id, **options)

    iam_actions.access_denied_response = access_denied
