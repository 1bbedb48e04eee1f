"""The errors that any operation may answer with. The name of an error's class is its code, as boto3 raises it."""

from __future__ import annotations


class ApiError(Exception):
    """When a call is refused: a sentence and an HTTP status."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status

    @property
    def code(self) -> str:
        return type(self).__name__


class InternalFailure(ApiError):
    """When the fault is the sandbox's own: the service could not give such an answer."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=500)


class ValidationException(ApiError):
    """When a request cannot be served as it is written."""


class UnknownOperationException(ApiError):
    """When the operation does not exist, or exists on AWS and not here."""


class SerializationException(ApiError):
    """When a member has the wrong JSON type, or the body is not JSON."""


class AccessDeniedException(ApiError):
    """When the caller's policies do not allow the call."""


class ThrottlingException(ApiError):
    """When there are too many calls at once."""

    def __init__(self) -> None:
        super().__init__("Rate exceeded")


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
