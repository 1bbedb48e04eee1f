"""Answers that have no body by HTTP's rules."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


@pytest.mark.parametrize("status", ["204", "304"])
def test_an_answer_of_this_status_has_no_body(sandbox: Any, aws: Any, status: str) -> None:
    """RFC 9110, "204 No Content"; the CDK answers CORS preflight requests so."""
    api = aws("apigateway")
    rest = api.create_rest_api(name="bodiless")["id"]
    root = {
        "restApiId": rest,
        "resourceId": api.get_resources(restApiId=rest)["items"][0]["id"],
        "httpMethod": "OPTIONS",
    }
    api.put_method(**root, authorizationType="NONE")
    api.put_integration(**root, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    api.put_method_response(**root, statusCode=status)
    api.put_integration_response(**root, statusCode=status)
    api.create_deployment(restApiId=rest, stageName="prod")

    with httpx.Client() as client:
        answers = [client.options(f"{sandbox.url}/restapis/{rest}/prod/_user_request_/") for _ in range(2)]
    assert [(str(each.status_code), each.headers.get("content-length", "0")) for each in answers] == [(status, "0")] * 2
