"""The audit of the table of honoured properties: each is deployed and read back by its API.

A property that a handler drops silently fails here; one that is not deployed here may not be in the table.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from audited import CODE, MACHINE, NESTED, PREPARED, RESOURCES
from audits import STACKS
from read_back import READERS, Aws, Properties
from sandbox.corrections.templates.honoured import HONOURED
from sandbox.corrections.templates.schemas import schema
from template_lab import Stack

UNREADABLE = {
    "AWS::CDK::Metadata",
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
}
"""The CDK's own note to AWS, and what CloudFormation itself does: the tests of stacks see it."""
READ_BY_ROWS = {row.type_name for rows in STACKS.values() for row in rows.values() if row.reads}
"""The types of `test_templates_audit_rows`."""
IN_OTHER_WORDS: dict[tuple[str, str], Any] = {
    ("Nested", "TemplateURL"): NESTED,
    ("Machine", "DefinitionString"): {**MACHINE, "Comment": "red"},
    ("Filed", "DefinitionS3Location"): MACHINE,
    ("Function", "Code"): CODE,
    ("Packed", "Code"): CODE,
    ("Function", "PackageType"): "Zip",
    ("Bucket", "CorsConfiguration"): [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 60}],
    ("Bucket", "LifecycleConfiguration"): [
        {
            "ID": "all",
            "Status": "Enabled",
            "Filter": {"Prefix": "old/"},
            "Expiration": {"Days": 30},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
            "Transitions": [{"StorageClass": "GLACIER", "Days": 10}],
        }
    ],
    ("Bucket", "NotificationConfiguration"): True,
    ("Bucket", "WebsiteConfiguration"): "index.html",
}
"""Values of the API that differ from CloudFormation's."""
READ_ELSEWHERE = {
    ("Machine", "DefinitionSubstitutions"),
    ("Repository", "EmptyOnDelete"),
    ("Sleeping", "PendingWindowInDays"),
    ("Logs", "AccessControl"),
    ("Logs", "OwnershipControls"),
}
"""Properties read back by another property or by a separate test."""


@pytest.fixture(scope="module")
def stack(aws: Callable[[str], Any]) -> Iterator[Stack]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("index.py", CODE)
    aws("iam").create_group(GroupName=PREPARED)
    aws("s3").create_bucket(Bucket=PREPARED)
    aws("s3").put_object(Bucket=PREPARED, Key="code.zip", Body=archive.getvalue())
    aws("s3").put_object(Bucket=PREPARED, Key="machine.json", Body=json.dumps(MACHINE))
    aws("s3").put_object(Bucket=PREPARED, Key="nested.json", Body=json.dumps(NESTED))
    created = Stack(aws)
    created.deploy({"Resources": RESOURCES, "Outputs": attributes()})
    yield created
    if created.exists():
        created.delete()


def attributes() -> dict[str, Any]:
    """Every attribute of the table, of every resource of the template."""
    return {
        f"{name}{attribute}".replace(".", ""): {"Value": {"Fn::Join": ["", [{"Fn::GetAtt": [name, attribute]}]]}}
        for name, item in RESOURCES.items()
        for attribute in sorted(HONOURED[item["Type"]].attributes if item["Type"] in HONOURED else ())
        if attribute not in ("DnsEntries", "NetworkInterfaceIds")
    }


def test_every_property_of_the_table_is_deployed_here() -> None:
    for type_name, honoured in HONOURED.items():
        given = {path for item in RESOURCES.values() if item["Type"] == type_name for path in paths(item["Properties"])}
        missing = {path for path in honoured.properties if not any(f"{one}.".startswith(f"{path}.") for one in given)}
        assert not missing or type_name in UNREADABLE | READ_BY_ROWS or missing == {"Code.S3ObjectVersion"}, type_name


def paths(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from (f"{path}.{name}" if path else name, *paths(item, f"{path}.{name}" if path else name))
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, path)


def test_the_table_knows_no_more_than_cloudformation() -> None:
    for type_name, honoured in HONOURED.items():
        known = schema(type_name)
        assert known is not None
        assert {path.partition(".")[0] for path in honoured.properties} <= known.properties, type_name
        assert honoured.attributes <= known.attributes | {"QueueName", "TopicName"}, type_name
        assert {*honoured.reduced} <= {path.partition(".")[0] for path in honoured.properties}, type_name


def test_every_property_is_read_back(aws: Aws, stack: Stack) -> None:
    dropped = []
    outputs = stack.outputs()
    for name, item in RESOURCES.items():
        if item["Type"] not in READERS or name == "Logs":
            continue
        found = READERS[item["Type"]](aws, stack.physical_id(name))
        for key, value in item["Properties"].items():
            if (name, key) in READ_ELSEWHERE:
                continue
            wanted = IN_OTHER_WORDS.get((name, key), _said(resolved(value, stack, outputs), name, key))
            is_definition = item["Type"].endswith("StateMachine") and key.startswith("Definition")
            heard = found.get("Definition" if is_definition else key)
            if heard != wanted:
                dropped.append(f"{name}.{key}: {heard!r} instead of {wanted!r}")
    assert not dropped, "\n".join(dropped)


def resolved(value: Any, stack: Stack, outputs: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [resolved(item, stack, outputs) for item in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return stack.physical_id(value["Ref"])
    if "Fn::GetAtt" in value:
        return outputs["".join(value["Fn::GetAtt"])]
    return {name: resolved(item, stack, outputs) for name, item in value.items()}


def _said(value: Any, name: str, key: str) -> Any:
    """A bucket's properties without the envelopes that only CloudFormation has."""
    if (name, key) == ("Bucket", "BucketEncryption"):
        rules = value["ServerSideEncryptionConfiguration"]
        return [
            {
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                "BucketKeyEnabled": rule["BucketKeyEnabled"],
            }
            for rule in rules
        ]
    if (name, key) == ("Bucket", "LoggingConfiguration"):
        return {"TargetBucket": value["DestinationBucketName"], "TargetPrefix": value["LogFilePrefix"]}
    return value


def test_a_bucket_for_logs(aws: Aws, stack: Stack) -> None:
    bucket = stack.physical_id("Logs")
    rules: Properties = aws("s3").get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert rules == {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    grants = aws("s3").get_bucket_acl(Bucket=bucket)["Grants"]
    groups = {(grant["Grantee"].get("URI", ""), grant["Permission"]) for grant in grants}
    assert ("http://acs.amazonaws.com/groups/s3/LogDelivery", "WRITE") in groups


def test_what_is_left_after_the_stack(aws: Aws, stack: Stack) -> None:
    key = stack.physical_id("Sleeping")
    assert aws("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    image = {"repositoryName": "audited", "imageManifest": "{}", "imageTag": "one"}
    aws("ecr").put_image(**image)
    stack.delete()
    described = aws("kms").describe_key(KeyId=key)["KeyMetadata"]
    days = (described["DeletionDate"] - described["CreationDate"]).days
    assert (described["KeyState"], days) == ("PendingDeletion", 8)
    assert aws("ecr").describe_repositories()["repositories"] == []
