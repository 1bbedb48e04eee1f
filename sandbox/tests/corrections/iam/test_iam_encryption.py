"""Objects under a KMS key, which require permissions on the key."""

from __future__ import annotations

from typing import Any

import pytest
from iam_lab import ACCOUNT, IamLab, allow, document, refusal
from job_lab import unique

VIA_S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}


@pytest.fixture(scope="module")
def key(aws: Any) -> str:
    return aws("kms").create_key()["KeyMetadata"]["Arn"]


@pytest.fixture(scope="module")
def bucket(aws: Any, key: str) -> str:
    """A bucket that encrypts by default, with one object."""
    name, s3 = unique("bucket"), aws("s3")
    s3.create_bucket(Bucket=name)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    s3.put_object(Bucket=name, Key="secret", Body=b"42")
    return name


def test_reading_demands_decrypt(iam: IamLab, bucket: str, key: str) -> None:
    code, message = refusal(iam.tester("s3", allow("s3:*")).get_object, Bucket=bucket, Key="secret")
    assert code == "AccessDenied"
    assert f"perform: kms:Decrypt on resource: {key} because no identity-based policy allows" in message
    reader = iam.tester("s3", allow("s3:*"), allow("kms:Decrypt", on=key, StringEquals=VIA_S3))
    assert reader.get_object(Bucket=bucket, Key="secret")["Body"].read() == b"42"


def test_writing_demands_a_data_key(iam: IamLab, bucket: str, key: str) -> None:
    reader = iam.tester("s3", allow("s3:*"), allow("kms:Decrypt", on=key))
    assert f"kms:GenerateDataKey on resource: {key}" in refusal(reader.put_object, Bucket=bucket, Key="new")[1]
    writer = iam.tester("s3", allow("s3:*"), allow("kms:GenerateDataKey", on=key))
    writer.put_object(Bucket=bucket, Key="new")
    missing = refusal(writer.create_multipart_upload, Bucket=bucket, Key="large")[1]
    assert f"kms:Decrypt on resource: {key}" in missing, "the parts are read when the upload is completed"


def test_the_encryption_context_names_the_object(iam: IamLab, bucket: str, key: str) -> None:
    context = {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}/new"}
    reader = iam.tester("s3", allow("s3:*"), allow("kms:Decrypt", on=key, StringEquals=context))
    assert "kms:Decrypt" in refusal(reader.get_object, Bucket=bucket, Key="secret")[1]


def test_copying_reads_and_writes(iam: IamLab, bucket: str, key: str) -> None:
    writer = iam.tester("s3", allow("s3:*"), allow("kms:GenerateDataKey", on=key))
    source = {"Bucket": bucket, "Key": "secret"}
    assert "kms:Decrypt" in refusal(writer.copy_object, Bucket=bucket, Key="copy", CopySource=source)[1]


def test_the_keys_policy_must_allow_as_well(iam: IamLab, aws: Any, bucket: str) -> None:
    owner = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, "Action": "kms:*"}
    closed = aws("kms").create_key(Policy=document({**owner, "Resource": "*"}))["KeyMetadata"]["Arn"]
    aws("s3").put_object(Bucket=bucket, Key="closed", ServerSideEncryption="aws:kms", SSEKMSKeyId=closed)
    reader = iam.tester("s3", allow("s3:*", "kms:*"))
    _, message = refusal(reader.get_object, Bucket=bucket, Key="closed")
    assert message.endswith("because no resource-based policy allows the kms:Decrypt action")


def test_a_data_key_is_given_out_under_the_context_that_a_policy_names(iam: IamLab, aws: Any, key: str) -> None:
    about = {"team": "digits", "file": "images"}
    made = aws("kms").generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=about)
    ask = {"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": about}
    mine = iam.tester("kms", allow("kms:Decrypt", on=key, StringEquals={"kms:EncryptionContext:team": "digits"}))
    assert mine.decrypt(**ask)["Plaintext"] == made["Plaintext"]
    assert refusal(mine.decrypt, **ask | {"EncryptionContext": {"team": "digits"}})[0] == "InvalidCiphertextException"
    theirs = iam.tester("kms", allow("kms:Decrypt", on=key, StringEquals={"kms:EncryptionContext:team": "faces"}))
    without = iam.tester("kms", allow("kms:Decrypt", on=key, Null={"kms:EncryptionContext:team": "true"}))
    for refused in (theirs, without):
        code, message = refusal(refused.decrypt, **ask)
        assert code == "AccessDeniedException"
        assert f"kms:Decrypt on resource: {key} because no identity-based policy allows" in message


def test_a_condition_on_all_names_of_the_context(iam: IamLab, key: str) -> None:
    only = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["team"]}}
    client = iam.tester("kms", allow("kms:GenerateDataKey", on=key, **only))
    ask = {"KeyId": key, "KeySpec": "AES_256"}
    client.generate_data_key(**ask, EncryptionContext={"team": "digits"})
    assert refusal(client.generate_data_key, **ask, EncryptionContext={"other": "x"})[0] == "AccessDeniedException"
