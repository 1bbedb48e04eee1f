"""Use of the key for data sets that their owners encrypted, and for everything else.

Its data keys come from the foundation's key under an encryption context that names the data set; what S3 encrypts has
none of that name. Source: AWS KMS Developer Guide, "Encryption context" and "kms:EncryptionContext:context-key".
"""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from specs import names
from stacks.constructs.security.statements import allow

_DATA_SET = f"kms:EncryptionContext:{names.DATA_SET_CONTEXT}"


def use_of_key(actions: Sequence[str], key_arn: str) -> iam.PolicyStatement:
    """Use of the key for everything but data sets that their owners encrypted."""
    return allow(actions, [key_arn], {"Null": {_DATA_SET: "true"}})


def decrypt_data_set(dataset: str, key_arn: str) -> iam.PolicyStatement:
    """Decrypting one data set that its owner encrypted."""
    return allow(["kms:Decrypt"], [key_arn], {"StringEquals": {_DATA_SET: dataset}})
