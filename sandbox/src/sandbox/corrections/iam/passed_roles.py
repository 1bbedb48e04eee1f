"""Calls that pass a role to a service, which require iam:PassRole for role and service.

Source: AWS Identity and Access Management User Guide, "Grant a user permissions to pass a role to an AWS service".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.frame.permissions import Permission

_CALLS = {
    "cloudformation": dict.fromkeys(("CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet"), "RoleARN"),
    "states": {"CreateStateMachine": "roleArn", "UpdateStateMachine": "roleArn"},
    "lambda": {"CreateFunction": "Role", "UpdateFunctionConfiguration": "Role"},
    "events": {"PutRule": "RoleArn", "PutTargets": "Targets.RoleArn"},
    "scheduler": {"CreateSchedule": "Target.RoleArn", "UpdateSchedule": "Target.RoleArn"},
}
ACTIONS = {f"{service}:{name}": path for service, calls in _CALLS.items() for name, path in calls.items()}
"""The path of the role in the call's parameters, by action; "A.B" goes through lists."""


def demands(action: str, parameters: dict[str, Any]) -> Iterator[Permission]:
    """One permission for each role in the parameters."""
    service = action.partition(":")[0]
    for role in sorted(set(_found(parameters, ACTIONS[action].split(".")))):
        yield pass_role(role, f"{service}.amazonaws.com")


def pass_role(role_arn: str, service: str) -> Permission:
    return Permission("iam:PassRole", role_arn, {"iam:PassedToService": service})


def _found(value: Any, names: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _found(item, names)
    elif isinstance(value, dict) and names and names[0] in value:
        yield from _found(value[names[0]], names[1:])
    elif isinstance(value, str) and value and not names:
        yield value
