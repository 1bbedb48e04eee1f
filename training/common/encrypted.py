"""Raw files as their owner wrote them, decrypted where the uploader encrypted them.

`operations upload` encrypts a data set in format version 2 of the Amazon S3 Encryption Client: `FILE` holds the
ciphertext (AES-256-GCM, the tag at its end), and `FILE.instruction` beside it the data key, which KMS encrypted under
an encryption context that names data set and file. Version 3 keeps a part of this in the object's metadata, which a
processing job does not receive. Sources: awslabs/aws-encryption-sdk-specification, s3-encryption/data-format, "Content
Metadata" and "Metadata Strategy"; AWS KMS Developer Guide, "Encryption context".
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from training.common.errors import JobError

SUFFIX = ".instruction"
FILE_CONTEXT = "slipway:file"
CONTENT_ALGORITHM, WRAP_ALGORITHM = "AES/GCM/NoPadding", "kms+context"
TAG_BYTES = 16
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Instruction:
    """The content of FILE.instruction: the encrypted data key, its encryption context, and the IV."""

    encrypted_key: bytes
    iv: bytes
    context: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Instruction:
        """Parse an instruction file. Raises JobError for another format, or the instructions of another file."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            algorithms = (content["x-amz-cek-alg"], content["x-amz-wrap-alg"], content["x-amz-tag-len"])
            key, iv = (base64.b64decode(content[name], validate=True) for name in ("x-amz-key-v2", "x-amz-iv"))
            context = {str(name): str(value) for name, value in json.loads(content["x-amz-matdesc"]).items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise JobError(
                f"{path.name} is not an instruction file of the Amazon S3 Encryption Client, format version 2 "
                f"({type(error).__name__}: {error}): upload the data set again (operations upload)."
            ) from error
        expected = (CONTENT_ALGORITHM, WRAP_ALGORITHM, str(TAG_BYTES * 8))
        if algorithms != expected:
            raise JobError(f"{path.name} names the algorithms {algorithms}, and only {expected} can be read here.")
        file = path.name.removesuffix(SUFFIX)
        if context.get(FILE_CONTEXT) != file:
            raise JobError(
                f"{path.name} belongs to the file {context.get(FILE_CONTEXT)!r}, and lies beside {file}: upload the "
                "data set again (operations upload)."
            )
        return cls(key, iv, context)


def open_raw(path: Path) -> BinaryIO:
    """Open a raw file for reading, decrypted if `FILE.instruction` lies beside it.

    Plaintext is returned only after the whole file is proven authentic; until then it is in an unnamed temporary file.
    Raises JobError for a changed file, a key that KMS does not decrypt, and an invalid instruction file.
    """
    beside = path.with_name(path.name + SUFFIX)
    if not beside.is_file():
        return path.open("rb")
    instruction = Instruction.read(beside)
    return _decrypt(path, instruction, _data_key(path.name, instruction))


def _decrypt(path: Path, instruction: Instruction, key: bytes) -> BinaryIO:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    changed = (
        f"{path.name} differs from the encrypted original: it was changed, cut off, or belongs to another upload than "
        "its instruction file. Upload the data set again (operations upload)."
    )
    rest = path.stat().st_size - TAG_BYTES
    plain = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    try:
        with path.open("rb") as file:
            decryptor = Cipher(algorithms.AES(key), modes.GCM(instruction.iv)).decryptor()
            while rest > 0:
                chunk = file.read(min(rest, _CHUNK))
                plain.write(decryptor.update(chunk))
                rest -= len(chunk)
            plain.write(decryptor.finalize_with_tag(file.read()))
    except (InvalidTag, ValueError) as error:
        plain.close()
        raise JobError(changed) from error
    plain.seek(0)
    return plain


def _data_key(file: str, instruction: Instruction) -> bytes:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = _kms().decrypt(CiphertextBlob=instruction.encrypted_key, EncryptionContext=instruction.context)
    except ClientError as error:
        raise JobError(_refusal(file, error.response["Error"])) from error
    except BotoCoreError as error:
        raise JobError(
            f"The data key of {file} cannot be decrypted, because KMS does not answer the job ({error}): a network "
            'without internet needs "kms" in network.interface_endpoints.'
        ) from error
    return answer["Plaintext"]


def _kms() -> Any:
    import boto3
    from botocore.config import Config

    # SageMaker sets AWS_REGION, which boto3 does not read. Without a VPC endpoint nothing answers: fail soon.
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    config = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "max_attempts": 4})
    return boto3.client("kms", region_name=region, config=config)


def _refusal(file: str, error: dict[str, Any]) -> str:
    code, message = error.get("Code", ""), error.get("Message", "")
    if code.startswith("AccessDenied"):
        return (
            f"The job's role may not decrypt the data key of {file} ({message}): its model must declare "
            'encryption = "client-side" and the data set that the file was uploaded for, and be deployed so.'
        )
    if code == "InvalidCiphertextException":
        return (
            f"KMS does not recognise the data key of {file} under the encryption context of its instruction file: one "
            "of them was changed. Upload the data set again (operations upload)."
        )
    return f"KMS does not decrypt the data key of {file} ({code}: {message})."
