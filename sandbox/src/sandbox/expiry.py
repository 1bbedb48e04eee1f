"""S3 lifecycle rules, applied as of a day: AWS does so about once a day, the sandbox only when it is asked.

Days count from an object's creation, or for a noncurrent version from its successor's, up to the next midnight UTC. In
a versioned bucket a current version expires into a delete marker. A delete marker that is the only version is removed
by ExpiredObjectDeleteMarker, or by Days at that age. Sources: Amazon S3 User Guide, "Lifecycle configuration
elements", "Expiring objects" and "Managing delete markers".
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from typing import Any

from botocore.exceptions import ClientError

_APPLIED = {"ID", "Status", "Filter", "Prefix", "Expiration", "NoncurrentVersionExpiration"}


def expired(s3: Any, day: datetime.datetime) -> Iterator[str]:
    """Remove what the rules would have removed by a day. Yields a line for each rule."""
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        for rule in _rules(s3, name):
            if rule["Status"] == "Enabled":
                where = f"{name}/{_prefix(rule) or ''}"
                if ignored := _ignored(rule):
                    yield f"{where}: not applied: {', '.join(ignored)}"
                yield f"{where}: {_apply(s3, name, rule, day)} removed"


def _rules(s3: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        return s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
            return []
        raise


def _prefix(rule: Mapping[str, Any]) -> str | None:
    """The prefix of the rule's keys; None if its filter says more than that."""
    chosen = rule.get("Filter", {"Prefix": rule.get("Prefix", "")})
    return chosen.get("Prefix", "") if set(chosen) <= {"Prefix"} else None


def _ignored(rule: Mapping[str, Any]) -> list[str]:
    parts = sorted(set(rule) - _APPLIED)
    if _prefix(rule) is None:
        parts.append("a filter by more than a prefix")
    if "Date" in rule.get("Expiration", {}):
        parts.append("the Date of an Expiration")
    if set(rule.get("NoncurrentVersionExpiration", {})) - {"NoncurrentDays"}:
        parts.append("a NoncurrentVersionExpiration of more than NoncurrentDays")
    return parts


def _apply(s3: Any, bucket: str, rule: Mapping[str, Any], day: datetime.datetime) -> int:
    """Remove current objects, noncurrent versions and delete markers that are due; return their number."""
    prefix = _prefix(rule)
    if prefix is None:
        return 0
    removed = 0
    for key, found in groupby(_versions(s3, bucket, prefix), key=lambda version: version["Key"]):
        for target in _due(list(found), rule, day):
            s3.delete_object(Bucket=bucket, Key=key, **target)
            removed += 1
    return removed


def _due(versions: list[dict[str, Any]], rule: Mapping[str, Any], day: datetime.datetime) -> Iterator[dict[str, str]]:
    """The versions of one key that are due; all are given, the newest first.

    The current one comes without its id: to delete it so puts a delete marker on top.
    """
    expiration = rule.get("Expiration", {})
    noncurrent_days = rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays")
    current, *noncurrent = versions
    is_old = _is_due(current["LastModified"], expiration.get("Days"), day)
    if "Size" in current:
        if is_old:
            yield {}
    elif not noncurrent and (is_old or expiration.get("ExpiredObjectDeleteMarker")):
        yield {"VersionId": current["VersionId"]}
    for successor, version in pairwise(versions):
        if _is_due(successor["LastModified"], noncurrent_days, day):
            yield {"VersionId": version["VersionId"]}


def _versions(s3: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    """All versions and delete markers below a prefix, by key, the newest first."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    found = [each for page in pages for each in (*page.get("Versions", []), *page.get("DeleteMarkers", []))]
    newest_first = sorted(found, key=lambda version: (version["IsLatest"], version["LastModified"]), reverse=True)
    return sorted(newest_first, key=lambda version: version["Key"])


def _is_due(since: datetime.datetime, days: int | None, day: datetime.datetime) -> bool:
    if days is None:
        return False
    whole = datetime.datetime.combine(since.astimezone(datetime.UTC).date(), datetime.time(), datetime.UTC)
    return whole + datetime.timedelta(days=days + 1) <= day
