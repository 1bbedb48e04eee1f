"""The errors that any operation may answer with, under the codes that boto3 raises them with."""

from __future__ import annotations


class ApiError(Exception):
    """When a call is refused: a code, a sentence and an HTTP status."""

    code = "InternalFailure"

    def __init__(self, message: str, *, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.message = message
        self.status = status


class InternalFailure(ApiError):
    """When the fault is the sandbox's own: its answer is none that the service could give."""

    code = "InternalFailure"

    def __init__(self, message: str) -> None:
        super().__init__(message, status=500)


class ValidationException(ApiError):
    """When a request cannot be served as it is written."""

    code = "ValidationException"


class UnknownOperation(ApiError):
    """When the operation does not exist, or exists on AWS and not here."""

    code = "UnknownOperationException"


class SerializationException(ApiError):
    """When a member of the request has the wrong JSON type, or the body is not JSON."""

    code = "SerializationException"


class AccessDenied(ApiError):
    """When the caller's policies do not allow the call."""

    code = "AccessDeniedException"


COMMON_ERRORS = frozenset(
    {
        "AccessDeniedException",
        "InternalFailure",
        "SerializationException",
        "ThrottlingException",
        "UnknownOperationException",
        "ValidationException",
    }
)
"""The codes that no operation declares and any may answer with ("Common Errors" in the services' API References)."""
