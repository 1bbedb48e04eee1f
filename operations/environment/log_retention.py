"""The days for which SageMaker's log groups keep their events.

SageMaker makes these groups at the first line, and their events never expire. All training jobs of an account and
region share one group, and all processing jobs another one: no environment owns them, so the longest log_days counts.
The group of an endpoint is declared in the release stack; an endpoint that is older made it by itself.
Sources: Amazon SageMaker AI Developer Guide, "Log groups and streams that Amazon SageMaker AI sends to Amazon
CloudWatch Logs" ("by default, log data is stored indefinitely"); Amazon CloudWatch Logs API Reference,
"PutRetentionPolicy".
"""

from __future__ import annotations

from dataclasses import dataclass

from operations.aws.connection import Connection
from specs import Specs, names

ACCOUNT_WIDE = ("/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs")


@dataclass(frozen=True)
class LogGroup:
    """A log group of SageMaker's. `days` is None while its events never expire, or while it does not exist."""

    name: str
    exists: bool
    days: int | None
    stored_bytes: int
    wanted: int

    @property
    def is_shared(self) -> bool:
        return self.name in ACCOUNT_WIDE

    @property
    def is_too_short(self) -> bool:
        return self.days is not None and self.days < self.wanted

    @property
    def changes(self) -> bool:
        """Tell whether it is to be set; never to fewer days than somebody chose."""
        return self.days is None or self.is_too_short


def find(connection: Connection, specs: Specs) -> tuple[LogGroup, ...]:
    """Look, and change nothing: the groups of all jobs, and those of this environment's endpoints that exist."""
    environment = connection.environment
    place = (environment.account, environment.region)
    longest = max(each.retention.log_days for each in specs.environments if (each.account, each.region) == place)
    endpoints = [names.endpoint_logs(names.endpoint(environment.name, model.name)) for model in specs.models]
    return (
        *(_look(connection, name, longest) for name in ACCOUNT_WIDE),
        *(found for name in endpoints if (found := _look(connection, name, environment.retention.log_days)).exists),
    )


def keep(connection: Connection, group: LogGroup) -> None:
    """Set the wanted days. A group that does not exist is created first: SageMaker then finds it."""
    logs = connection.client("logs")
    if not group.exists:
        logs.create_log_group(logGroupName=group.name)
    logs.put_retention_policy(logGroupName=group.name, retentionInDays=group.wanted)


def _look(connection: Connection, name: str, wanted: int) -> LogGroup:
    listed = connection.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    found = next((group for group in listed if group["logGroupName"] == name), None)
    if found is None:
        return LogGroup(name, exists=False, days=None, stored_bytes=0, wanted=wanted)
    return LogGroup(name, True, found.get("retentionInDays"), found.get("storedBytes", 0), wanted)
