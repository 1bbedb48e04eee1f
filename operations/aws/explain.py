"""Errors of AWS and of the way to it, as one sentence with the cure."""

from __future__ import annotations

from botocore import exceptions

from specs.reach import POINT, START

LOG_IN = f"log in (`aws sso login`), name a profile (AWS_PROFILE), or on the sandbox type: {POINT}"

_SENTENCES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (exceptions.NoCredentialsError, f"No AWS credentials were found: {LOG_IN}."),
    (exceptions.PartialCredentialsError, f"The AWS credentials are incomplete: {LOG_IN}."),
    (exceptions.ProfileNotFound, "{error}. Name an existing one in AWS_PROFILE, or unset it."),
    (
        (exceptions.SSOError, exceptions.TokenRetrievalError, exceptions.CredentialRetrievalError),
        f"The AWS credentials could not be renewed ({{error}}): {LOG_IN}.",
    ),
    (
        (exceptions.ConnectionError, exceptions.HTTPClientError),
        f"Nothing answers ({{error}}). On the sandbox type: {START} && {POINT}. On AWS check the network.",
    ),
)
_EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
}
_THROTTLED = {
    "SlowDown",
    "503",  # S3's answer to HEAD has no body, only the status
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
}


def explain(error: Exception) -> str:
    """Explain a botocore error in one sentence."""
    if isinstance(error, exceptions.ClientError):
        return _client_error(error)
    for kinds, sentence in _SENTENCES:
        if isinstance(error, kinds):
            return sentence.format(error=_line(error).rstrip("."))
    return f"{type(error).__name__}: {_line(error)}"


def code(error: Exception) -> str:
    """The error code of AWS's answer, or an empty string."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, exceptions.ClientError) else ""


def is_missing(error: exceptions.ClientError) -> bool:
    """Recognise the errors of the services for a missing resource."""
    message = error.response.get("Error", {}).get("Message", "").lower()
    if code(error) in {"ResourceNotFound", "ResourceNotFoundException", "NoSuchBucket", "NoSuchKey", "404"}:
        return True
    return code(error) in {"ValidationException", "ValidationError"} and (
        "could not find" in message or "does not exist" in message or "not found" in message
    )


def _line(error: object) -> str:
    return " ".join(str(error).split())


def _client_error(error: exceptions.ClientError) -> str:
    operation, message = error.operation_name, _line(error.response.get("Error", {}).get("Message", "")).rstrip(".")
    if code(error) in _EXPIRED:
        return f"AWS refuses these credentials ({code(error)}: {message}): {LOG_IN}."
    if code(error).startswith("AccessDenied"):
        return f"These credentials may not call {operation}: {message}. Ask for that permission, or use another role."
    if code(error) in _THROTTLED:
        return f"AWS is throttling {operation} ({message}). Wait a minute and run this again."
    return f"{operation} was refused: {code(error)}: {message}."
