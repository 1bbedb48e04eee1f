"""The properties of DynamoDB's tables that ministack's handler drops, by DynamoDB's own operations.

Source: Amazon DynamoDB, "UpdateTable", "UpdateTimeToLive", "UpdateContinuousBackups".
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_region
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.resources.answers import answered
from sandbox.corrections.cloudformation.resources.resource_checks import check_declaration

NAMES = {
    "ministack.services.dynamodb": "_update_continuous_backups _update_table _update_ttl",
    "ministack.services.cloudformation.provisioners": "_cfn_bool",
}
OVERRIDES = {
    "AWS::DynamoDB::Table, GlobalTable: encryption, table class, time to live, backups": "ministack drops them",
    "AWS::DynamoDB::GlobalTable Replicas": "ministack ignores other regions",
}

Properties = dict[str, Any]


def refuse_other_regions() -> None:
    """Refuse replicas that ministack drops: a table of the sandbox is in the stack's own region."""
    check_declaration("AWS::DynamoDB::GlobalTable", _check_replicas)


def _check_replicas(properties: Properties) -> None:
    regions = [replica.get("Region") for replica in properties.get("Replicas", [])]
    if regions != [get_region()]:
        raise ValueError(
            f"Replicas in {', '.join(map(str, regions))}: the sandbox keeps a global table in one region only; "
            f"name {get_region()} alone here"
        )


def apply_table(name: str, old: Properties, new: Properties) -> None:
    """Set what ministack's handler leaves out of a new or changed table."""
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    wanted: Properties = {}
    if "SSESpecification" in changed:
        wanted["SSESpecification"] = _encryption(new.get("SSESpecification", {}))
    if "TableClass" in changed:
        wanted["TableClass"] = new.get("TableClass", "STANDARD")
    if wanted:
        answered(dynamodb._update_table({"TableName": name, **wanted}))
    if "TimeToLiveSpecification" in changed:
        _set_time_to_live(name, old.get("TimeToLiveSpecification", {}), new.get("TimeToLiveSpecification", {}))
    if "PointInTimeRecoverySpecification" in changed:
        backups = new.get("PointInTimeRecoverySpecification", {})
        enabled = provisioners._cfn_bool(backups.get("PointInTimeRecoveryEnabled", False))
        specification = {"PointInTimeRecoveryEnabled": enabled}
        answered(
            dynamodb._update_continuous_backups({"TableName": name, "PointInTimeRecoverySpecification": specification})
        )


def _encryption(specification: Properties) -> Properties:
    """In the API's words: SSEEnabled is Enabled there."""
    wanted = {key: value for key, value in specification.items() if key != "SSEEnabled"}
    return {**wanted, "Enabled": provisioners._cfn_bool(specification.get("SSEEnabled", False))}


def _set_time_to_live(name: str, old: Properties, new: Properties) -> None:
    attribute = new.get("AttributeName") or old.get("AttributeName", "")
    wanted = {"AttributeName": attribute, "Enabled": provisioners._cfn_bool(new.get("Enabled", False))}
    answered(dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": wanted}))
