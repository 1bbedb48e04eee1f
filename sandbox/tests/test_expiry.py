"""The lifecycle rules of buckets, applied as of a day."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from job_lab import unique
from own_sandbox import OwnSandbox


def in_days(days: int) -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def expiring(prefix: str, days: int, **more: Any) -> dict[str, Any]:
    return {
        "ID": unique("rule"),
        "Status": "Enabled",
        "Filter": {"Prefix": prefix},
        "Expiration": {"Days": days},
        **more,
    }


@pytest.fixture
def bucket(aws: Any) -> str:
    """A versioned bucket that keeps checkpoints for 30 days."""
    s3, name = aws("s3"), unique("expiring")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rules = [expiring("checkpoints/", 30, NoncurrentVersionExpiration={"NoncurrentDays": 1})]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    for key in ("checkpoints/a", "checkpoints/a", "checkpoints-of-others", "models/a"):
        s3.put_object(Bucket=name, Key=key, Body=b"1")
    return name


def kept(aws: Any, bucket: str) -> tuple[list[str], int]:
    """The keys of the current objects, and the number of all versions."""
    listed = aws("s3").list_object_versions(Bucket=bucket)
    current = sorted(each["Key"] for each in listed["Versions"] if each["IsLatest"])
    return current, len(listed["Versions"])


def test_objects_expire_by_prefix_and_day(sandbox: OwnSandbox, aws: Any, bucket: str) -> None:
    everything = ["checkpoints-of-others", "checkpoints/a", "models/a"]
    assert kept(aws, bucket) == (everything, 4)
    sandbox.run("expire", in_days(0))
    assert kept(aws, bucket) == (everything, 4)
    assert f"{bucket}/checkpoints/: 1 removed" in sandbox.run("expire", in_days(29)), "the version before"
    assert kept(aws, bucket) == (everything, 3)
    assert f"{bucket}/checkpoints/: 1 removed" in sandbox.run("expire", in_days(31))
    assert kept(aws, bucket) == (["checkpoints-of-others", "models/a"], 3)
    assert f"{bucket}/checkpoints/: 1 removed" in sandbox.run("expire", in_days(33)), "the version below the marker"
    assert f"{bucket}/checkpoints/: 1 removed" in sandbox.run("expire", in_days(33)), "the marker"
    assert kept(aws, bucket) == (["checkpoints-of-others", "models/a"], 2)


@pytest.mark.parametrize(("expiration", "left"), [({"ExpiredObjectDeleteMarker": True}, 0), ({"Days": 9}, 1)])
def test_a_lone_delete_marker_goes_by_its_action_or_at_its_age(
    sandbox: OwnSandbox, aws: Any, bucket: str, expiration: dict[str, Any], left: int
) -> None:
    s3 = aws("s3")
    s3.delete_object(Bucket=bucket, Key="gone/never-was")
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "gone/"}, "Expiration": expiration}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    sandbox.run("expire", in_days(2))
    assert len(s3.list_object_versions(Bucket=bucket).get("DeleteMarkers", [])) == left
    sandbox.run("expire", in_days(11))
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=bucket)


def test_what_is_not_applied_is_said(sandbox: OwnSandbox, aws: Any) -> None:
    s3, name = aws("s3"), unique("transitions")
    s3.create_bucket(Bucket=name)
    move = {"Days": 1, "StorageClass": "GLACIER"}
    rules = [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Transitions": [move]}]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    assert f"{name}/old/: not applied: Transitions" in sandbox.run("expire", in_days(400))


@pytest.mark.parametrize("day", ["tomorrow", "2027-13-01", ""])
def test_a_day_that_is_none_is_refused(sandbox: OwnSandbox, day: str) -> None:
    answer = sandbox.command("expire", day)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Traceback" not in answer.stderr


def test_expiry_needs_a_sandbox(tmp_path: Any) -> None:
    answer = OwnSandbox(tmp_path).command("expire", "2027-01-01")
    assert (answer.returncode, "The sandbox is down" in answer.stderr) == (1, True)
