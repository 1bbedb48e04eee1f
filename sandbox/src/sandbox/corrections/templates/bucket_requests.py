"""CloudFormation's S3 requests for a bucket's properties ("AWS::S3::Bucket", S3's API reference)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Properties = dict[str, Any]
_RENAMED = {"TransitionInDays": "Days", "TransitionDate": "Date"}


def bucket_requests(old: Properties, new: Properties) -> list[tuple[str, Properties]]:
    """The operation and parameters, without Bucket, for each changed property.

    A property that the template drops returns to S3's default.
    """
    requests = []
    for name, (request, removal) in _CONFIGURATIONS.items():
        if old.get(name) == new.get(name):
            continue
        requests.append(request(new[name]) if name in new else removal)
    return requests


def _encryption(value: Properties) -> tuple[str, Properties]:
    rules = []
    for rule in value["ServerSideEncryptionConfiguration"]:
        converted = {"ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault", {})}
        if "BucketKeyEnabled" in rule:
            converted["BucketKeyEnabled"] = _boolean(rule["BucketKeyEnabled"])
        rules.append(converted)
    return "PutBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def _lifecycle(value: Properties) -> tuple[str, Properties]:
    rules = [_lifecycle_rule(rule) for rule in value["Rules"]]
    return "PutBucketLifecycleConfiguration", {"LifecycleConfiguration": {"Rules": rules}}


def _lifecycle_rule(rule: Properties) -> Properties:
    found: Properties = {"Status": rule["Status"], "Filter": _filter(rule)}
    if "Id" in rule:
        found["ID"] = rule["Id"]
    expiration = {
        key: convert(rule[name])
        for name, key, convert in (
            ("ExpirationInDays", "Days", int),
            ("ExpirationDate", "Date", str),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker", _boolean),
        )
        if name in rule
    }
    if expiration:
        found["Expiration"] = expiration
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            found[name] = _integers(rule[name])
    if "Transitions" in rule:
        found["Transitions"] = [_integers(_renamed(item, _RENAMED)) for item in rule["Transitions"]]
    if "NoncurrentVersionTransitions" in rule:
        renamed = {"TransitionInDays": "NoncurrentDays"}
        found["NoncurrentVersionTransitions"] = [
            _integers(_renamed(item, renamed)) for item in rule["NoncurrentVersionTransitions"]
        ]
    return found


def _filter(rule: Properties) -> Properties:
    """The filter of a rule: one condition by itself, several under And."""
    tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in rule.get("TagFilters", [])]
    sizes: Properties = {
        name: int(rule[name]) for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan") if name in rule
    }
    prefix: Properties = {"Prefix": rule["Prefix"]} if "Prefix" in rule else {}
    if len(tags) + len(sizes) + len(prefix) > 1:
        return {"And": {**prefix, **sizes, **({"Tags": tags} if tags else {})}}
    return {**prefix, **sizes, **({"Tag": tags[0]} if tags else {})} or {"Prefix": ""}


def _logging(value: Properties) -> tuple[str, Properties]:
    """The logging request; the destination is empty here for a bucket that logs to itself."""
    enabled = {
        "TargetBucket": value.get("DestinationBucketName", ""),
        "TargetPrefix": value.get("LogFilePrefix", ""),
    }
    return "PutBucketLogging", {"BucketLoggingStatus": {"LoggingEnabled": enabled}}


def _ownership(value: Properties) -> tuple[str, Properties]:
    return "PutBucketOwnershipControls", {"OwnershipControls": {"Rules": value["Rules"]}}


def _versioning(value: Properties) -> tuple[str, Properties]:
    return "PutBucketVersioning", {"VersioningConfiguration": {"Status": value["Status"]}}


def _tags(value: list[Properties]) -> tuple[str, Properties]:
    return "PutBucketTagging", {"Tagging": {"TagSet": value}}


def _boolean(value: Any) -> bool:
    return str(value).lower() == "true"


def _integers(value: Properties) -> Properties:
    return {key: int(item) if str(item).isdigit() else item for key, item in value.items()}


def _renamed(value: Properties, names: dict[str, str]) -> Properties:
    return {names.get(key, key): item for key, item in value.items()}


_CONFIGURATIONS: dict[str, tuple[Callable[[Any], tuple[str, Properties]], tuple[str, Properties]]] = {
    "BucketEncryption": (_encryption, ("DeleteBucketEncryption", {})),
    "LifecycleConfiguration": (_lifecycle, ("DeleteBucketLifecycle", {})),
    "LoggingConfiguration": (_logging, ("PutBucketLogging", {"BucketLoggingStatus": {}})),
    "OwnershipControls": (_ownership, ("DeleteBucketOwnershipControls", {})),
    "VersioningConfiguration": (
        _versioning,
        ("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Suspended"}}),
    ),
    "Tags": (_tags, ("DeleteBucketTagging", {})),
}
