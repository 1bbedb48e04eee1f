"""Validation against botocore's service model: requests in AWS's words, responses in ours.

boto3 itself checks neither patterns nor enums nor maxima; AWS's front end does, and reports everything at once:
"1 validation error detected: Value 'x' at 'trainingJobName' failed to satisfy constraint: Member must ...".
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator
from typing import Any

import regex
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from sandbox.frame.clock import is_moment
from sandbox.frame.errors import InternalFailure, SerializationException, ValidationException

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list, tuple),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str, datetime.datetime),
    "blob": (str, bytes),
}
_NUMBERS = {"integer", "long", "float", "double"}


_ABSENT_ON_AWS = {
    ("DescribeModelPackage", "modelPackageName"),  # of a version in a group: the SDK's refresh() provides for that
    ("DescribeTrainingJob", "modelArtifacts"),  # before there are any: the cautious reading, as nothing shows otherwise
}
"""Members that the model calls required and responses lack: (operation, member)."""


def validate(shape: StructureShape, request: dict[str, Any]) -> None:
    """Raise all faults of a request in one exception.

    Raises SerializationException for a wrong JSON type, as AWS's deserializer does before it looks at values, and
    ValidationException for everything else.
    """
    for fault in _type_faults(shape, request, ""):
        raise SerializationException(fault)
    faults = list(_faults(shape, request, ""))
    if faults:
        noun = "validation error" if len(faults) == 1 else "validation errors"
        raise ValidationException(f"{len(faults)} {noun} detected: {'; '.join(faults)}")


def well_typed(model: ServiceModel, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """The request of an operation as its permissions may read it: empty where `validate` will refuse its types."""
    if operation not in model.operation_names:
        return {}
    shape = model.operation_model(operation).input_shape
    return request if shape is not None and not any(_type_faults(shape, request, "")) else {}


def validate_response(operation: OperationModel, response: dict[str, Any]) -> None:
    """Raise InternalFailure, naming every member, if the service could not give a response.

    A client would drop unknown members and miss required ones without a word, so this is checked at every call.
    """
    shape = operation.output_shape
    if shape is None:
        faults = [f"{name} is no member of its response" for name in response]
    else:
        absent = {_null(member) for name, member in _ABSENT_ON_AWS if name == operation.name}
        faults = list(_type_faults(shape, response, "")) or [
            fault for fault in _faults(shape, response, "") if fault not in absent
        ]
    if faults:
        raise InternalFailure(f"the sandbox is wrong about {operation.name}: {'; '.join(faults)}")


def _type_faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    is_no_time = shape.type_name == "timestamp" and not is_moment(value)
    is_disguised_boolean = isinstance(value, bool) and shape.type_name != "boolean"
    if is_disguised_boolean or is_no_time or not isinstance(value, _TYPES[shape.type_name]):
        place = f" at '{path}'" if path else ""
        yield f"{type(value).__name__} value{place} can not be converted to {shape.type_name}"
        return
    for _, member, item, item_path in _children(shape, value, path):
        yield from _type_faults(member, item, item_path)


def _faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _structure_faults(shape, value, path)
    yield from _constraint_faults(shape, value, path)
    for _, member, item, item_path in _children(shape, value, path):
        yield from _faults(member, item, item_path)


def _structure_faults(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _null(join(path, _lower_first(name)))
    for name in sorted(set(value) - set(shape.members)):
        place = join(path, _lower_first(name))
        yield f"Value at '{place}' failed to satisfy constraint: {shape.name} has no member {name}"


def _null(place: str) -> str:
    return f"Value null at '{place}' failed to satisfy constraint: Member must not be null"


def _constraint_faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    for constraint in _broken_constraints(shape, value):
        shown = f"'{value}'" if isinstance(value, (str, int, float)) else f"'{_compact(value)}'"
        yield f"Value {shown} at '{path}' failed to satisfy constraint: Member must {constraint}"


def _broken_constraints(shape: Shape, value: Any) -> Iterator[str]:
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        yield f"satisfy enum value set: [{', '.join(enum)}]"
    limits, measure, noun = shape.metadata, value, "value"
    if shape.type_name not in _NUMBERS:
        if shape.type_name not in ("string", "list", "map"):
            return
        measure, noun = len(value), "length"
    if "min" in limits and measure < limits["min"]:
        yield f"have {noun} greater than or equal to {limits['min']}"
    if "max" in limits and measure > limits["max"]:
        yield f"have {noun} less than or equal to {limits['max']}"
    pattern = limits.get("pattern")
    if pattern and isinstance(value, str) and not _compiled(pattern).fullmatch(value):
        yield f"satisfy regular expression pattern: {pattern}"


def _children(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, Shape, Any, str]]:
    """The parts of a value that are present: (name, shape, part, path in AWS's notation)."""
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield name, member, value[name], join(path, _lower_first(name))
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value, start=1):
            yield "member", shape.member, item, f"{path}.{index}.member"
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield "key", shape.key, key, f"{path}.key"
            yield "value", shape.value, item, f"{path}.{key}.member"


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    """Java's pattern for Python. `regex` knows Unicode classes; surrogates and AWS's `${1,128}` must go."""
    pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", "").replace("${1,128}", "").replace("${1,256}", "")
    return regex.compile(pattern)


def join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _lower_first(name: str) -> str:
    """TrainingJobName -> trainingJobName, as AWS's messages spell members."""
    return name[:1].lower() + name[1:]


def _compact(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:197] + "..."
