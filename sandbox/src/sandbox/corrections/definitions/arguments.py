"""The parameters of integrations, checked against botocore's service models.

A task's parameters have the names of the AWS SDK for Java in Pascal case: StateMachineArn for stateMachineArn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from sandbox.corrections.definitions.diagnostics import Diagnostic, Place
from sandbox.corrections.definitions.service_names import operation, pascal, spellings

SDK_NAMES = {
    "athena": "athena",
    "batch": "batch",
    "codebuild": "codebuild",
    "databrew": "databrew",
    "dynamodb": "dynamodb",
    "ecs": "ecs",
    "elasticmapreduce": "emr",
    "emr-containers": "emrcontainers",
    "emr-serverless": "emrserverless",
    "events": "eventbridge",
    "glue": "glue",
    "lambda": "lambda",
    "mediaconvert": "mediaconvert",
    "sagemaker": "sagemaker",
    "sns": "sns",
    "sqs": "sqs",
    "states": "sfn",
}
"""The name of an optimized integration's service among the SDK's."""


def faults(place: Place, state: dict[str, Any], service: str, name: str) -> Iterator[Diagnostic]:
    """Errors for arguments that the service does not take, or lacks."""
    field = "Arguments" if place.language == "JSONata" else "Parameters"
    given = state.get(field)
    if field not in state:
        yield place.fault(f"{field} field is required for resource ARN: arn:aws:states:::{service}:{name}")
    elif isinstance(given, dict):
        sdk, action = name.split(":", 1) if service == "aws-sdk" else (SDK_NAMES.get(service, ""), name)
        model = operation(sdk, action) if sdk else None
        if model is not None and model.input_shape is not None:
            yield from _shape_faults(place.member(field), model.input_shape, given)
            yield from _missing(place.member(field), model.input_shape, given)


def _shape_faults(place: Place, shape: Shape, value: Any) -> Iterator[Diagnostic]:
    """Members that the service does not know, at any depth."""
    if isinstance(shape, ListShape) and isinstance(value, list):
        for position, item in enumerate(value):
            yield from _shape_faults(place.item(position), shape.member, item)
    elif isinstance(shape, StructureShape) and isinstance(value, dict) and not shape.is_document_type:
        members = _members(shape)
        for name, item in value.items():
            computed = place.language == "JSONPath" and name.endswith(".$")
            known = members.get(name.removesuffix(".$") if computed else name)
            if known is None:
                yield place.fault(f'The field "{name}" is not supported by Step Functions')
            elif not computed:
                yield from _shape_faults(place.member(name), known, item)


def _members(shape: StructureShape) -> dict[str, Shape]:
    """By the SDK's names, and by the API's in Pascal case, which optimized integrations use."""
    return {
        spelt: member for name, member in shape.members.items() for spelt in (pascal(name), name[:1].upper() + name[1:])
    }


def _missing(place: Place, shape: StructureShape, given: dict[str, Any]) -> Iterator[Diagnostic]:
    names = {each.removesuffix(".$") for each in given}
    for name in shape.required_members:
        if not shape.members[name].metadata.get("idempotencyToken") and not spellings(name) & names:
            yield place.fault(f"The field '{pascal(name)}' is required but was missing")
