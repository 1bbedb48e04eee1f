"""The errors that SageMaker's operations declare. Most "not found" errors are a ValidationException instead."""

from __future__ import annotations

from sandbox.frame.errors import ApiError


class ResourceInUse(ApiError):
    """When a name is taken."""


class ResourceNotFound(ApiError):
    """When the resource of a Describe, Stop or Delete call does not exist."""


class ResourceLimitExceeded(ApiError):
    """When the account's quota for the instance type is used up."""


class ConflictException(ApiError):
    """When the resource is in a state that forbids the call."""
