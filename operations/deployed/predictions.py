"""Requests to a model's endpoint."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.connection import Connection
from operations.aws.explain import code, is_missing
from operations.errors import Failed
from specs import names

JSON = "application/json"


def predict(connection: Connection, model: str, body: bytes, content_type: str) -> list[Any]:
    """The predictions for one request. Raises ``Failed`` if the endpoint does not exist or refuses the request."""
    return json.loads(answer(connection, model, body, content_type, JSON))["predictions"]


def answer(connection: Connection, model: str, body: bytes, content_type: str, accept: str) -> bytes:
    """The body of the answer to one request. Raises ``Failed`` as `predict` does."""
    endpoint = names.endpoint(connection.environment.name, model)
    try:
        found = connection.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint, ContentType=content_type, Accept=accept, Body=body
        )
    except ClientError as error:
        raise _refused(error, endpoint) or error from None
    return found["Body"].read()


def _refused(error: ClientError, endpoint: str) -> Failed | None:
    """The sentence for an error of the endpoint; None for errors of any service."""
    if code(error) == "ModelError":
        said = error.response.get("OriginalMessage") or error.response["Error"]["Message"]
        return Failed(f"{endpoint} answered {error.response.get('OriginalStatusCode', 'an error')}: {said}")
    if is_missing(error) or code(error) == "ValidationError":
        return Failed(
            f"{endpoint} does not serve ({error.response['Error']['Message'].rstrip('.')}): release a version."
        )
    return None
