"""Requests that nothing serves are refused by a sentence, in every protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore.session
import pytest
from iam_lab import refusal
from job_lab import unique
from ministack.services import s3
from sandbox.corrections.s3 import subresources

UNKNOWN = {
    "ce": ("ce", "get_tags", {"TimePeriod": {"Start": "2026-01-01", "End": "2026-01-02"}}),  # JSON
    "xray": ("xray", "get_groups", {}),  # REST with a body of JSON
    "greengrassv2": ("greengrass", "list_components", {}),  # REST without a body
    "glacier": ("glacier", "list_vaults", {"accountId": "-"}),  # a path that looks like a bucket's
    "redshift": ("redshift", "describe_clusters", {}),  # Query
    "cloudwatchomni": ("cloudwatch", "list_domains", {}),  # CBOR, signed as a service that is there
    "eventbridgev2": ("events", "list_event_buses", {}),
}
"""The name for which a service's requests are signed, and a call, by boto3's name."""


@pytest.mark.parametrize("service", UNKNOWN)
def test_an_unknown_service_is_named(aws: Any, service: str) -> None:
    signed_for, operation, arguments = UNKNOWN[service]
    code, message = refusal(getattr(aws(service), operation), **arguments)
    assert (code, f"signed for '{signed_for}'" in message) == ("UnknownOperationException", True)


def test_every_protocol_is_among_them() -> None:
    session = botocore.session.get_session()
    protocols = {session.get_service_model(service).resolved_protocol for service in UNKNOWN}
    assert protocols == {"json", "query", "rest-json", "smithy-rpc-v2-cbor"}


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "named"),
    [
        ("ssm", "list_documents", {}, "ListDocuments"),  # JSON
        ("sns", "list_sms_sandbox_phone_numbers", {}, "ListSMSSandboxPhoneNumbers"),  # Query
        ("ec2", "describe_hosts", {}, "DescribeHosts"),  # EC2's own form
        ("route53", "get_checker_ip_ranges", {}, "/2013-04-01/checkeripranges"),  # REST of XML
        ("sesv2", "list_recommendations", {}, "/v2/email/vdm/recommendations"),  # REST of JSON
        ("sagemaker", "list_domains", {}, "ListDomains"),
        (
            "application-autoscaling",
            "describe_scheduled_actions",
            {"ServiceNamespace": "sagemaker"},
            "ScheduledActions",
        ),
    ],
)
def test_an_operation_that_a_service_lacks_is_named(
    aws: Any, service: str, operation: str, arguments: dict[str, Any], named: str
) -> None:
    assert named in refusal(getattr(aws(service), operation), **arguments)[1]


def test_a_bucket_outlives_the_deletion_of_its_unknown_parts(aws: Any) -> None:
    client, bucket = aws("s3"), unique("bucket")
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="kept", Body=b"1")
    code, message = refusal(client.delete_bucket_metrics_configuration, Bucket=bucket, Id="all")
    assert (code, "sub-resource 'metrics'" in message) == ("NotImplemented", True)
    code, _ = refusal(client.rename_object, Bucket=bucket, Key="kept", RenameSource=f"/{bucket}/kept")
    assert code == "NotImplemented"
    assert client.get_object(Bucket=bucket, Key="kept")["Body"].read() == b"1"


def test_every_subresource_of_the_model_is_served_or_refused() -> None:
    """ministack spells those that it serves in its own text."""
    model, text = botocore.session.get_session().get_service_model("s3"), Path(s3.__file__).read_text()
    uris = [model.operation_model(name).http["requestUri"] for name in model.operation_names]
    parts = [part.partition("=")[0] for uri in uris for part in uri.partition("?")[2].split("&") if part]
    unknown = {part for part in parts if f'"{part}"' not in text} - {"select-type"}
    assert unknown == (subresources.OF_BUCKETS | subresources.OF_OBJECTS) - {"encryption"}
