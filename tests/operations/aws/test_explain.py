"""Every failure on the way to AWS is one sentence that says what to do."""

from __future__ import annotations

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from operations.aws.explain import explain, is_missing


def refused(code: str, message: str, operation: str = "DescribeStacks") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (exceptions.NoCredentialsError(), ("No AWS credentials", "aws sso login", "python -m sandbox env")),
        (exceptions.PartialCredentialsError(provider="env", cred_var="secret"), ("incomplete", "aws sso login")),
        (exceptions.ProfileNotFound(profile="gone"), ("gone", "AWS_PROFILE")),
        (
            exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:4566"),
            ("http://127.0.0.1:4566", "python -m sandbox up"),
        ),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), ("https://x", "check the network")),
        (exceptions.UnauthorizedSSOTokenError(), ("could not be renewed", "aws sso login")),
        (refused("ExpiredToken", "expired."), ("refuses these credentials", "ExpiredToken", "aws sso login")),
        (refused("AccessDenied", "no"), ("may not call DescribeStacks", "no", "another role")),
        (refused("AccessDeniedException", "no", "CreateModel"), ("may not call CreateModel",)),
        (refused("ThrottlingException", "Rate exceeded"), ("throttling DescribeStacks", "again")),
        (refused("SlowDown", "Please reduce your request rate."), ("throttling DescribeStacks", "again")),
        (refused("503", "Service Unavailable"), ("throttling DescribeStacks", "again")),
        (refused("StackBroken", "it is so."), ("DescribeStacks was refused: StackBroken: it is so.",)),
        (exceptions.ReadTimeoutError(endpoint_url="https://y"), ("https://y",)),
        (exceptions.ParamValidationError(report="bad"), ("ParamValidationError", "bad")),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_the_sentence(error: Exception, parts: tuple[str, ...]) -> None:
    sentence = explain(error)
    assert [part for part in parts if part not in sentence] == []
    assert "\n" not in sentence
    assert ".." not in sentence


@pytest.mark.parametrize(
    ("code", "message", "missing"),
    [
        ("ValidationError", "Stack with id slipway-x does not exist", True),
        ("ValidationException", 'Could not find endpoint "arn:..."', True),
        ("ResourceNotFoundException", "The specified log group does not exist.", True),
        ("404", "Not Found", True),
        ("ValidationException", "1 validation error detected", False),
        ("AccessDenied", "could not find permission", False),
    ],
)
def test_what_is_missing(code: str, message: str, missing: bool) -> None:
    assert is_missing(refused(code, message)) is missing
