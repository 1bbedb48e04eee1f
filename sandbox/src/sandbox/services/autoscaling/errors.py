"""The errors that Application Auto Scaling's operations declare."""

from __future__ import annotations

from sandbox.frame.errors import ApiError


class ObjectNotFoundException(ApiError):
    """When a target or a policy does not exist."""


class ResourceNotFoundException(ApiError):
    """When no resource has the ARN."""


class InvalidNextTokenException(ApiError):
    """When a token does not come from an answer."""


class TooManyTagsException(ApiError):
    """When a resource would have more tags than AWS allows."""
