"""Errors of Cloud Control ("UpdateResource", Errors)."""

from __future__ import annotations

from sandbox.frame.errors import ApiError


class TypeNotFoundException(ApiError):
    """When CloudFormation has no such resource type."""


class UnsupportedActionException(ApiError):
    """When the operation does not exist for a resource type."""


class ResourceNotFoundException(ApiError):
    """When no stack holds the resource."""


class InvalidRequestException(ApiError):
    """When a patch cannot be applied, or its result is no such resource."""


class NotUpdatableException(ApiError):
    """When an update would replace the resource."""


class ConcurrentOperationException(ApiError):
    """When another operation on the resource is under way."""


class ClientTokenConflictException(ApiError):
    """When a client token comes again with another request."""


class RequestTokenNotFoundException(ApiError):
    """When no request has the token."""
