"""Attributes of a resource beside its properties: the policies that the sandbox follows.

Sources: AWS CloudFormation, "CreationPolicy attribute", "UpdatePolicy attribute", "DeletionPolicy attribute",
"UpdateReplacePolicy attribute".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ATTRIBUTES = frozenset(
    [
        "Condition",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    ]
)
_VALUES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}
_WITH_SNAPSHOTS = frozenset(
    [
        "AWS::DocDB::DBCluster",
        "AWS::EC2::Volume",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Neptune::DBCluster",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
    ]
)
_KINDS = {
    "CreationPolicy": ("AutoScalingCreationPolicy", "ResourceSignal", "StartFleet"),
    "UpdatePolicy": (
        "AutoScalingReplacingUpdate",
        "AutoScalingRollingUpdate",
        "AutoScalingScheduledAction",
        "CodeDeployLambdaAliasUpdate",
        "EnableVersionUpgrade",
        "UseOnlineResharding",
    ),
}


_FOLLOWED: Mapping[str, set[str]] = {"AWS::CloudFormation::WaitCondition": {"ResourceSignal"}}


def attribute_faults(resource: Mapping[str, Any]) -> Iterator[str]:
    """Attributes, and values of policies, that AWS refuses."""
    for name in sorted(resource.keys() - ATTRIBUTES):
        yield f"{name} is no attribute of a resource"
    for name, allowed in _VALUES.items():
        if (value := resource.get(name, "Delete")) not in allowed:
            yield f"{name} {value} is unknown; write {', '.join(allowed)}"
        elif value == "Snapshot" and resource.get("Type") not in _WITH_SNAPSHOTS:
            yield f"{name} Snapshot: AWS takes no snapshot of this type; write Retain or Delete"
    for name, kinds in _KINDS.items():
        for kind in sorted(set(_kinds(resource, name)) - set(kinds)):
            yield f"{name}.{kind} is unknown; there are {', '.join(kinds)}"


def lacking_attributes(resource: Mapping[str, Any]) -> Iterator[str]:
    """Policies of AWS that the sandbox does not follow."""
    for name, kinds in _KINDS.items():
        for kind in sorted(set(_kinds(resource, name)) & set(kinds) - _FOLLOWED.get(resource.get("Type", ""), set())):
            yield f"the sandbox does not follow {name}.{kind}, and would deploy at once; leave it out here"


def _kinds(resource: Mapping[str, Any], name: str) -> list[str]:
    policy = resource.get(name)
    return list(policy) if isinstance(policy, Mapping) else [str(policy)] if policy else []
