"""Wrong requests in botocore's shapes: every operation answers them with an error of its own, none with 500."""

from __future__ import annotations

import json
import string
from typing import Any

import hypothesis.strategies as st
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import HealthCheck, given, settings
from own_sandbox import OwnSandbox
from sandbox.catalogue import declared
from sandbox.frame.service import Route, Service

SERVICES = {service.name: service for service in declared() if service.api is not None}
OPERATIONS = [(name, operation) for name, service in SERVICES.items() for operation in sorted(service.api.operations)]
TARGETS = {"sagemaker": "SageMaker", "application-autoscaling": "AnyScaleFrontendService"}
_ARN = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/absent"
_TEXTS = st.one_of(
    st.sampled_from(["", "x", "a-1", "aws:", "s3://bucket/key", _ARN, "endpoint/a/variant/b", "k" * 300, "é\u0000"]),
    st.text(string.printable, max_size=20),
)
_ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), _TEXTS, st.just([]), st.just({}), st.just([{}])
)
_SCALARS: dict[str, Any] = {
    "boolean": st.booleans(),
    "integer": st.integers(-2, 2**40),
    "long": st.integers(-2, 2**70),
    "float": st.floats(),
    "double": st.floats(),
    "timestamp": st.one_of(st.integers(-(2**60), 2**60), st.floats(), _TEXTS),
}


def requests_of(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values like the shape, now and then of a wrong type or beyond its limits."""
    if depth > 3:
        return _ANYTHING
    wrong = st.integers(0, 14).flatmap(lambda dice: st.just(None) if dice else _ANYTHING)
    return wrong.flatmap(lambda value: _like(shape, depth) if value is None else st.just(value))


def _like(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        members = {name: requests_of(member, depth + 1) for name, member in shape.members.items()}
        needed = {name: members[name] for name in shape.required_members}
        others = {name: value for name, value in members.items() if name not in needed}
        return st.fixed_dictionaries(needed, optional=others)
    if isinstance(shape, ListShape):
        return st.lists(requests_of(shape.member, depth + 1), max_size=3)
    if isinstance(shape, MapShape):
        return st.dictionaries(_TEXTS, requests_of(shape.value, depth + 1), max_size=3)
    if enum := getattr(shape, "enum", None):
        return st.sampled_from([*enum, "Other"])
    return _SCALARS.get(shape.type_name, _TEXTS)


def answer(sandbox: OwnSandbox, service: str, operation: str, body: bytes) -> requests.Response:
    """The answer to a signed request of the JSON protocol, whatever its body."""
    headers = {"X-Amz-Target": f"{TARGETS[service]}.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", f"{sandbox.url}/", headers=headers, data=body)
    SigV4Auth(Credentials("test", "test"), service, "us-east-1").add_auth(request)
    return requests.post(request.url, data=body, headers=dict(request.headers), timeout=120)


def test_every_target_is_that_of_its_service() -> None:
    def target(service: Service) -> str:
        (found,) = (route.target_prefix for route in service.routes if isinstance(route, Route) and route.target_prefix)
        return found.rstrip(".")

    assert {name: target(service) for name, service in SERVICES.items()} == TARGETS


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_a_wrong_request_is_the_callers_fault(sandbox: OwnSandbox, service: str, operation: str) -> None:
    shape = SERVICES[service].api.operations[operation].model.input_shape

    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(requests_of(shape))
    def check(request: Any) -> None:
        found = answer(sandbox, service, operation, json.dumps(request).encode())
        assert found.status_code < 500, f"{request}: {found.text}"

    check()


BODIES = [b"", b"{", b"\xff", b"[1]", b'"x"', b"null", b"NaN", b'{"a": NaN}', b'{"a":' * 2000, b'{"a":' * 200_000]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("service", TARGETS)
def test_a_body_that_is_no_object_is_the_callers_fault(sandbox: OwnSandbox, service: str, body: bytes) -> None:
    operation = OPERATIONS[0][1] if service == OPERATIONS[0][0] else OPERATIONS[-1][1]
    assert answer(sandbox, service, operation, body).status_code == 400
