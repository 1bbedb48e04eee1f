"""Permissions that Step Functions needs of a state machine's role besides its tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ministack.core.responses import get_account_id, get_region

from sandbox.frame.permissions import Permission

_SYNC = re.compile(r"arn:aws:states:::(sagemaker:create(?P<job>\w+)|(?P<other>[\w-]+):\w+)\.sync(:2)?")
_RULES = {
    "states": "StepFunctionsExecution",
    "ecs": "ECSTask",
    "batch": "BatchJobs",
}
_LOGS = ("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries")
_LOG_GROUPS = ("PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups")
_XRAY = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")


def of_managed_rules(definition: dict[str, Any]) -> Iterator[Permission]:
    """The permissions for the managed rules that report the end of `.sync` tasks' jobs."""
    for rule in sorted(set(_rules(definition))):
        arn = f"arn:aws:events:{get_region()}:{get_account_id()}:rule/StepFunctionsGetEventsFor{rule}Rule"
        yield from (Permission(f"events:{action}", arn) for action in ("PutTargets", "PutRule", "DescribeRule"))


def of_logging() -> Iterator[Permission]:
    """The permissions for log delivery, which has no resources and so needs `*`."""
    yield from (Permission(f"logs:{action}") for action in (*_LOGS, *_LOG_GROUPS))


def of_tracing() -> Iterator[Permission]:
    yield from (Permission(f"xray:{action}") for action in _XRAY)


def _rules(part: Any) -> Iterator[str]:
    """The rule names of all tasks below a definition's part, also in Map and Parallel."""
    if isinstance(part, list):
        for item in part:
            yield from _rules(item)
    elif isinstance(part, dict):
        if found := _SYNC.match(str(part.get("Resource", ""))):
            job = (found["job"] or "").replace("HyperParameter", "")  # AWS's sample "Tune a machine learning model"
            yield f"SageMaker{job}s" if job else _RULES.get(found["other"], found["other"])
        for item in part.values():
            yield from _rules(item)
