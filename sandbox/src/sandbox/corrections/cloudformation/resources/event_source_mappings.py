"""AWS::Lambda::EventSourceMapping by Lambda's own operations.

Source: AWS Lambda, "CreateEventSourceMapping", "UpdateEventSourceMapping"; the schema of the type.
"""

from __future__ import annotations

from typing import Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.resources.answers import answered

NAMES = {
    "ministack.services.lambda_svc": "_create_esm _delete_esm _esms _update_esm",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _cfn_bool _tag_map",
}
OVERRIDES = {
    "AWS::Lambda::EventSourceMapping": (
        "ministack makes it without Lambda's own checks, always enabled, without tags, and keeps what a template drops"
    ),
}

Properties = dict[str, Any]
_DEFAULTS: Properties = {
    "BatchSize": 10,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": None,
    "FilterCriteria": None,
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "ScalingConfig": None,
}
"""The values of properties that an update drops."""


def map_event_sources_as_aws_does() -> None:
    handler = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
    handler.update(create=_create, update=_update)


def _create(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Properties]:
    made = answered(lambda_svc._create_esm(_request(properties)))
    return made["UUID"], _attributes(made)


def _update(physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Properties]:
    dropped = {name: _DEFAULTS[name] for name in _DEFAULTS if name in old and name not in new}
    changed = answered(lambda_svc._update_esm(physical_id, dropped | _request({"Enabled": True, **new})))
    mapping = lambda_svc._esms[physical_id]
    of_stack = provisioners._tag_map(old.get("Tags")).keys()
    kept = {key: value for key, value in mapping.get("Tags", {}).items() if key not in of_stack}
    mapping["Tags"] = kept | provisioners._tag_map(new.get("Tags"))
    return physical_id, _attributes(changed)


def _request(properties: Properties) -> Properties:
    """The properties in Lambda's types: a template may write numbers and booleans as text."""
    wanted = dict(properties)
    for name, value in properties.items():
        if isinstance(_DEFAULTS.get(name), int) and not isinstance(_DEFAULTS[name], bool):
            wanted[name] = int(value)
    for name in ("Enabled", "BisectBatchOnFunctionError"):
        if name in wanted:
            wanted[name] = provisioners._cfn_bool(wanted[name])
    wanted["Tags"] = provisioners._tag_map(properties.get("Tags"))
    return wanted


def _attributes(mapping: Properties) -> Properties:
    return {"Id": mapping["UUID"], "EventSourceMappingArn": mapping["EventSourceMappingArn"]}
