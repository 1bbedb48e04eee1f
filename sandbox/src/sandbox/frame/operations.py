"""The frame that every operation of a service stands in.

An operation is a method marked with `@operation(accepts={...})`; its name in snake case is the API's (create_model is
CreateModel). It takes the request as a dictionary with the API's own names, and returns the response likewise, with
datetimes for timestamps. `accepts` names the members that the method honours, dotted ("ResourceConfig.InstanceType");
a name alone accepts everything below it. Whatever else a request holds is refused by name: never skipped silently.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

from sandbox.frame.errors import (
    COMMON_ERRORS,
    ApiError,
    InternalFailure,
    UnknownOperationException,
    ValidationException,
)
from sandbox.frame.restrictions import refuse_other_values
from sandbox.frame.tags import SYSTEM, system_keys
from sandbox.frame.validation import join, validate, validate_response

Request = dict[str, Any]
Response = dict[str, Any]
Method = Callable[[Any, Request], Response]


_NOTHING: Mapping[str, Any] = MappingProxyType({})


def operation(
    *,
    accepts: Iterable[str] = (),
    only: Mapping[str, tuple[Any, ...]] = _NOTHING,
    reduced: Mapping[str, str] = _NOTHING,
) -> Callable[[Method], Method]:
    """Mark a method as an API operation that honours the named request members.

    `only` names members that are honoured for some values ("ResourceConfig.InstanceCount": (1,)); `reduced` says of
    members that are honoured in part what is less than on AWS. COVERAGE.md is written from all three.
    """

    def mark(method: Method) -> Method:
        method.accepts = frozenset(accepts)  # type: ignore[attr-defined]
        method.only = dict(only)  # type: ignore[attr-defined]
        method.reduced = dict(reduced)  # type: ignore[attr-defined]
        return method

    return mark


@dataclass(frozen=True)
class Operation:
    """One operation: botocore's model of it, what of its request is honoured, and the method that serves it."""

    model: OperationModel
    accepts: frozenset[str]
    only: Mapping[str, tuple[Any, ...]]
    reduced: Mapping[str, str]
    method: Callable[[Request], Response]

    @property
    def name(self) -> str:
        """The API's name ("CreateModel")."""
        return self.model.name

    def __call__(self, request: Request) -> Response:
        """Validate, serve, and check the answer; the method owns its copy of the request. Raises ApiError."""
        request = copy.deepcopy({name: value for name, value in request.items() if value is not None})
        shape = self.model.input_shape
        if shape is not None:
            validate(shape, request)
            refuse_unsupported(self.name, shape, request, self.accepts)
            refuse_other_values(self.name, request, self.only)
            refuse_system_tags(request)
        try:
            response = self.method(request)
        except ApiError as error:
            self._check(error)
            raise
        validate_response(self.model, response)
        return response

    def _check(self, error: ApiError) -> None:
        declared = COMMON_ERRORS | {shape.error_code for shape in self.model.error_shapes}
        if error.code not in declared:
            raise InternalFailure(f"the sandbox is wrong about {self.name}: it never answers {error.code}") from error


class Api:
    """All operations of the given components: objects with methods marked `@operation`."""

    def __init__(self, components: Iterable[object], model: ServiceModel) -> None:
        self.model = model
        names = {xform_name(name): name for name in self.model.operation_names}
        self.operations = {
            found.name: found for component in components for found in _operations_of(component, self.model, names)
        }

    def call(self, name: str, request: Request) -> Response:
        """Serve one call by its API name ("CreateModel"). Raises ApiError."""
        if name not in self.operations:
            known = name in self.model.operation_names
            reason = "is not implemented by the sandbox" if known else f"is no operation of {self.model.service_id}"
            raise UnknownOperationException(f"{name} {reason}. It implements: {', '.join(sorted(self.operations))}.")
        return self.operations[name](request)


@functools.cache
def service_model(service: str) -> ServiceModel:
    """botocore's description of a service's API: service_model("sagemaker")."""
    return botocore.session.Session().get_service_model(service)


def _operations_of(component: object, model: ServiceModel, names: Mapping[str, str]) -> Iterator[Operation]:
    for attribute in dir(type(component)):
        accepts = getattr(getattr(type(component), attribute), "accepts", None)
        if isinstance(accepts, frozenset):
            method = getattr(component, attribute)
            yield Operation(model.operation_model(names[attribute]), accepts, method.only, method.reduced, method)


def refuse_unsupported(name: str, shape: Shape, request: Request, accepts: frozenset[str]) -> None:
    """Raise ValidationException that names every member of the request that is not honoured."""
    refused = sorted(set(_refused_members(shape, request, "", accepts)))
    if refused:
        members = ", ".join(f"{name}.{member}" for member in refused)
        raise ValidationException(
            f"the sandbox does not implement {members} (it honours: {', '.join(sorted(accepts)) or 'no member'})"
        )


def refuse_system_tags(request: Request) -> None:
    """Raise ValidationException for tags that only AWS may give ("Tag naming and usage conventions")."""
    if keys := system_keys(request):
        raise ValidationException(
            f"Tag keys that begin with {SYSTEM} are reserved for AWS: {', '.join(keys)}. Choose other keys."
        )


def _refused_members(shape: Shape, value: Any, path: str, accepts: frozenset[str]) -> Iterator[str]:
    if path in accepts:
        return
    if isinstance(shape, StructureShape) and isinstance(value, dict) and is_prefix(path, accepts):
        for member, item in value.items():
            yield from _refused_members(shape.members[member], item, join(path, member), accepts)
    elif isinstance(shape, ListShape) and is_prefix(path, accepts):
        for item in value:
            yield from _refused_members(shape.member, item, path, accepts)
    else:
        yield path


def is_prefix(path: str, accepts: frozenset[str]) -> bool:
    """Tell whether something below the path is accepted. An empty path is the request itself."""
    return not path or any(accepted.startswith(path + ".") for accepted in accepts)
