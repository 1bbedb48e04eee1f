"""Copies of objects: their checksums, their limit, and what they demand of the caller."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from iam_lab import IamLab, allow, refusal
from job_lab import unique
from ministack.services import s3 as s3_service
from sandbox.corrections.s3.copies import LARGEST, copy_as_aws_does

PART = 5 * 1024 * 1024


def sha256(content: bytes) -> str:
    """A checksum as S3 shows it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


@pytest.fixture(scope="module")
def bucket(aws: Any) -> str:
    name = unique("copies")
    aws("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def s3(aws: Any) -> Any:
    return aws("s3")


def copy(s3: Any, bucket: str, source: str, key: str, **more: Any) -> dict[str, Any]:
    return s3.copy_object(Bucket=bucket, Key=key, CopySource=f"{bucket}/{source}", **more)["CopyObjectResult"]


def checksums(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    described = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    return {name: value for name, value in described.items() if name.startswith("Checksum")}


def test_a_copy_answers_with_the_checksum_that_it_asks_for(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="plain", Body=b"42", ChecksumAlgorithm="CRC32")
    result = copy(s3, bucket, "plain", "sealed", ChecksumAlgorithm="SHA256")
    assert (result["ChecksumSHA256"], result["ChecksumType"]) == (sha256(b"42"), "FULL_OBJECT")
    assert checksums(s3, bucket, "sealed") == {"ChecksumSHA256": sha256(b"42"), "ChecksumType": "FULL_OBJECT"}
    assert "ChecksumSHA256" not in s3.head_object(Bucket=bucket, Key="sealed"), "only ChecksumMode shows it"


def test_a_copy_of_parts_has_the_checksum_of_the_whole(s3: Any, bucket: str) -> None:
    """The source's own one is made of its parts' checksums."""
    first, second = b"a" * PART, b"b"
    upload = {"Bucket": bucket, "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, ChecksumAlgorithm="SHA256")["UploadId"]
    parts = []
    for number, body in enumerate((first, second), 1):
        part = s3.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert checksums(s3, bucket, "parts")["ChecksumSHA256"].endswith("-2")
    assert checksums(s3, bucket, "parts")["ChecksumType"] == "COMPOSITE"
    result = copy(s3, bucket, "parts", "whole", ChecksumAlgorithm="SHA256")
    assert result["ChecksumSHA256"] == sha256(first + second)
    assert checksums(s3, bucket, "whole") == {"ChecksumSHA256": sha256(first + second), "ChecksumType": "FULL_OBJECT"}


def test_a_copy_keeps_the_checksum_unless_it_asks_for_another(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="hashed", Body=b"7", ChecksumAlgorithm="SHA256")
    assert copy(s3, bucket, "hashed", "kept")["ChecksumSHA256"] == sha256(b"7")
    assert checksums(s3, bucket, "kept")["ChecksumSHA256"] == sha256(b"7")


def test_a_source_above_5_gb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """In process, as an object of that size would be dear to make."""
    monkeypatch.setattr(s3_service, "_copy_object", lambda *_: pytest.fail("it copied"))
    monkeypatch.setitem(s3_service._buckets, "large", {"objects": {"archive": {"size": LARGEST + 1}}})
    copy_as_aws_does()
    status, _, body = s3_service._copy_object("large", "copy", {"x-amz-copy-source": "large/archive"})
    assert status == 400
    assert b"<Code>InvalidRequest</Code>" in body
    assert b"maximum allowable size for a copy source: 5368709120" in body


def test_copying_demands_reading_the_source_and_writing_the_copy(iam: IamLab, aws: Any, bucket: str) -> None:
    aws("s3").put_object(Bucket=bucket, Key="from/a", Body=b"42")
    source, target = f"arn:aws:s3:::{bucket}/from/*", f"arn:aws:s3:::{bucket}/to/*"
    ask = {"Bucket": bucket, "Key": "to/a", "CopySource": f"{bucket}/from/a"}
    writer = iam.tester("s3", allow("s3:PutObject", on=target))
    assert f"s3:GetObject on resource: arn:aws:s3:::{bucket}/from/a" in refusal(writer.copy_object, **ask)[1]
    reader = iam.tester("s3", allow("s3:GetObject", on=source))
    assert f"s3:PutObject on resource: arn:aws:s3:::{bucket}/to/a" in refusal(reader.copy_object, **ask)[1]
    iam.tester("s3", allow("s3:GetObject", on=source), allow("s3:PutObject", on=target)).copy_object(**ask)
