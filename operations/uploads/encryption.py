"""Encryption of a file before upload, in the Amazon S3 Encryption Client's format, version 2.

The ciphertext takes the file's place in S3. `FILE.instruction` beside it holds the IV and the data key, which KMS
encrypted under an encryption context that names data set and file. Version 3 keeps a part of this in the object's
metadata, which a processing job does not get with its input files. Sources:
awslabs/aws-encryption-sdk-specification, s3-encryption/data-format, "Content Metadata" and "Metadata Strategy"; AWS KMS
Developer Guide, "Encryption context".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.errors import BadInput
from specs import names

SUFFIX = ".instruction"
LARGEST_BYTES = 2**36 - 32
"""AES-GCM's limit for one IV: 64 GiB less 32 bytes (NIST SP 800-38D, 5.2.1.1)."""
_ALGORITHM, _TAG_BITS = "AES/GCM/NoPadding", "128"
_CHUNK = 1 << 20


def context(dataset: str, file: str) -> dict[str, str]:
    """The encryption context of a file's data key.

    The first entry is the Encryption Client's own ("kms+context").
    """
    return {"aws:x-amz-cek-alg": _ALGORITHM, names.DATA_SET_CONTEXT: dataset, names.FILE_CONTEXT: file}


@dataclass(frozen=True)
class DataKey:
    """A key for one file: in plaintext, and as KMS encrypted it."""

    plaintext: bytes
    encrypted: bytes

    @classmethod
    def generate(cls, kms: Any, key_id: str, about: dict[str, str]) -> DataKey:
        """Generate a key, which only KMS can decrypt, and only under this encryption context."""
        made = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=about)
        return cls(made["Plaintext"], made["CiphertextBlob"])

    def fingerprint(self, checksum: str) -> str:
        """A keyed checksum, by which an unchanged file is recognised.

        A plain SHA-256 would let anyone test whether a file that they know was uploaded.
        """
        return hmac.new(self.plaintext, b"slipway:unchanged:" + checksum.encode(), hashlib.sha256).hexdigest()


def encrypt(path: Path, target: Path, key: DataKey, about: dict[str, str], progress: Callable[[int], None]) -> str:
    """Write the ciphertext and its tag to ``target``; returns the content of the instruction file.

    Raises ``BadInput`` for a file above AES-GCM's limit.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise BadInput(f"{path} has {size} bytes, and AES-GCM encrypts at most {LARGEST_BYTES}: split the file.")
    iv = os.urandom(12)
    encryptor = Cipher(algorithms.AES(key.plaintext), modes.GCM(iv)).encryptor()
    with path.open("rb") as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            file.write(encryptor.update(chunk))
            progress(len(chunk))
        file.write(encryptor.finalize() + encryptor.tag)
    return json.dumps(
        {
            "x-amz-key-v2": _base64(key.encrypted),
            "x-amz-iv": _base64(iv),
            "x-amz-cek-alg": _ALGORITHM,
            "x-amz-wrap-alg": "kms+context",
            "x-amz-tag-len": _TAG_BITS,
            "x-amz-matdesc": json.dumps(about),
        }
    )


def known_key(kms: Any, instruction: str, about: dict[str, str]) -> DataKey:
    """The data key of an instruction file.

    Raises ``KeyError`` or ``ValueError`` for another content, and botocore's ``ClientError`` if KMS does not decrypt
    the key under this context.
    """
    encrypted = base64.b64decode(json.loads(instruction)["x-amz-key-v2"], validate=True)
    return DataKey(kms.decrypt(CiphertextBlob=encrypted, EncryptionContext=about)["Plaintext"], encrypted)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
