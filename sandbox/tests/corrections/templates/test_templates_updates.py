"""Dropped properties, which return to the service's default where the sandbox applies them itself."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from job_lab import trust
from template_lab import Stack, Template, resource, template

TRUST = trust("lambda.amazonaws.com")
GRANT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
ENCRYPTED = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
FULL = {
    "BucketEncryption": ENCRYPTED,
    "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 1}]},
    "LoggingConfiguration": {"LogFilePrefix": "own/"},
    "Tags": [{"Key": "a", "Value": "1"}],
    "VersioningConfiguration": {"Status": "Enabled"},
}


def _both(bucket: dict[str, Any], boundary: bool) -> Template:
    bounded = {"PermissionsBoundary": {"Ref": "Bound"}} if boundary else {}
    return template(
        Bucket=resource("AWS::S3::Bucket", **bucket),
        Bound=resource("AWS::IAM::ManagedPolicy", PolicyDocument=GRANT),
        Role=resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, **bounded),
    )


def test_what_is_dropped_from_a_template(stack: Stack) -> None:
    stack.deploy(_both(FULL, boundary=True))
    s3, bucket, role = stack.aws("s3"), {"Bucket": stack.physical_id("Bucket")}, stack.physical_id("Role")
    logging = s3.get_bucket_logging(**bucket)["LoggingEnabled"]
    assert logging == {"TargetBucket": bucket["Bucket"], "TargetPrefix": "own/"}
    put = s3.put_object(**bucket, Key="a", Body=b"", ServerSideEncryption="aws:kms")
    assert put["SSEKMSKeyId"].endswith("alias/aws/s3")
    s3.delete_object(**bucket, Key="a", VersionId=put["VersionId"])

    stack.deploy(_both({}, boundary=False))
    assert stack.physical_id("Bucket") == bucket["Bucket"]
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Suspended"
    assert "LoggingEnabled" not in s3.get_bucket_logging(**bucket)
    assert {tag["Key"] for tag in s3.get_bucket_tagging(**bucket)["TagSet"]} == {
        f"aws:cloudformation:{name}" for name in ("stack-name", "stack-id", "logical-id")
    }
    (rule,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(**bucket)
    assert "PermissionsBoundary" not in stack.aws("iam").get_role(RoleName=role)["Role"]


def test_what_s3_refuses_leaves_no_bucket(stack: Stack) -> None:
    name = stack.name
    with pytest.raises(WaiterError):
        stack.deploy(template(Bucket=resource("AWS::S3::Bucket", BucketName=name, AccessControl="PublicRead")))
    events = stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert any(reason.startswith("PutBucketAcl: AccessDenied: ") for reason in reasons), reasons
    assert name not in {bucket["Name"] for bucket in stack.aws("s3").list_buckets()["Buckets"]}
