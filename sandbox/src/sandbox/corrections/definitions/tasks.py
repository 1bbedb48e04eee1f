"""The resource of a Task, its arguments and its credentials.

AWS Step Functions Developer Guide, "Service integrations with Step Functions", "Integrating optimized services with
Step Functions", "Learning to use AWS service SDK integrations in Step Functions", "Accessing resources in other AWS
accounts in Step Functions"; the sentences: localstack/localstack snapshots, aws/aws-cdk #10014, cdk-preflight
(pf-sfn-asl-resource-arn, pf-sfn-asl-integration-parameters, pf-sfn-express-unsupported).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sandbox.corrections.definitions import arguments, kinds
from sandbox.corrections.definitions.diagnostics import LACKING, Diagnostic, Place
from sandbox.corrections.definitions.integrations import PATTERNS_OF, SYNC, SYNC_2, TOKEN, split
from sandbox.corrections.definitions.paths import UNRESOLVED
from sandbox.corrections.definitions.service_names import operation

_ACTIVITY = re.compile(r"arn:[\w-]+:states:[\w-]+:\d+:activity:[^:]+")
_FUNCTION = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d+:function:[\w-]+(:[\w$-]+)?")
_INTEGRATION = re.compile(r"arn:[\w-]+:states:::(?P<called>[\w:.-]+)")
_UNKNOWN = (
    "The resource provided {} is not recognized. The value is not a valid resource ARN, or the resource is not "
    "available in this region."
)


def CREDENTIALS(place: Place, value: Any) -> Iterator[Diagnostic]:
    if not isinstance(value, dict):
        yield place.fault("Expected value of type [OBJECT]")
        return
    names = ("RoleArn",) if place.language == "JSONata" else ("RoleArn", "RoleArn.$")
    if not any(name in value for name in names):
        yield place.fault("The field 'RoleArn' is required but was missing")
        return
    yield from (place.fault(f"Field '{name}' is not supported") for name in value if name not in names)
    yield from kinds.payload(place, value)


def resource_faults(place: Place, state: dict[str, Any]) -> Iterator[Diagnostic]:
    """Errors in a Task's resource, and in the arguments for it."""
    resource, named = state["Resource"], place.member("Resource")
    if UNRESOLVED in resource or _FUNCTION.fullmatch(resource):
        return
    if _ACTIVITY.fullmatch(resource):
        if place.machine.kind == "EXPRESS":
            yield named.fault("Express state machine does not support Activity ARN")
        if "Credentials" in state:
            yield place.member("Credentials").fault("The field 'Credentials' is not supported for activities")
    elif found := _INTEGRATION.fullmatch(resource):
        yield from _integration_faults(place, state, found["called"])
    elif resource.startswith("arn:"):
        yield named.fault(_UNKNOWN.format(resource))
    else:
        yield named.fault("Value is not a valid resource ARN")


def _integration_faults(place: Place, state: dict[str, Any], called: str) -> Iterator[Diagnostic]:
    service, _, rest = called.partition(":")
    name, pattern = split(rest)
    named = place.member("Resource")
    if not _is_known(service, name, pattern):
        yield named.fault(_UNKNOWN.format(state["Resource"]))
        return
    if place.machine.kind == "EXPRESS" and pattern:
        shown = f"'{TOKEN}' service integration " if pattern == TOKEN else f"'{SYNC}' service integration"
        yield named.fault(f"Express state machine does not support {shown}")
    if lacking := _lacking(place, service, name, pattern):
        yield named.fault(lacking, LACKING)
    yield from arguments.faults(place, state, service, name)


def _is_known(service: str, name: str, pattern: str) -> bool:
    if service == "aws-sdk":
        return pattern in ("", TOKEN) and operation(*name.split(":", 1)) is not None if ":" in name else False
    patterns = PATTERNS_OF.get((service, name))
    return patterns is not None and (not pattern or pattern in patterns)


def _lacking(place: Place, service: str, name: str, pattern: str) -> str:
    """The sentence for an integration that AWS has and the sandbox has not."""
    arn = f"arn:aws:states:::{service}:{name}"
    if service == "aws-sdk" or arn in place.machine.integrations:
        return ""
    offered = ", ".join(sorted(each.partition(":::")[2] for each in place.machine.integrations))
    instead = ""
    if pattern not in (SYNC, SYNC_2) and (sdk := arguments.SDK_NAMES.get(service)) and operation(sdk, name):
        instead = f" Write arn:aws:states:::aws-sdk:{sdk}:{name}."
    return f"The sandbox does not implement the integration {service}:{name}{pattern}; it has {offered}.{instead}"
