"""Client-side encrypted raw files: decrypted, or refused with a sentence."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from idx_bytes import idx_bytes

from operations.uploads import encryption
from training.common import encrypted
from training.common.errors import JobError
from training.common.idx import read_idx

PLAIN = bytes(range(256)) * 5000  # more than one chunk


class Kms:
    """A KMS that decrypts a data key only under its own context."""

    def __init__(self) -> None:
        self.keys: dict[bytes, tuple[bytes, dict[str, str]]] = {}
        self.refusal: Exception | None = None

    def generate_data_key(self, KeyId: str, KeySpec: str, EncryptionContext: dict[str, str]) -> dict[str, bytes]:
        plaintext, wrapped = os.urandom(32), os.urandom(48)
        self.keys[wrapped] = (plaintext, EncryptionContext)
        return {"Plaintext": plaintext, "CiphertextBlob": wrapped}

    def decrypt(self, CiphertextBlob: bytes, EncryptionContext: dict[str, str]) -> dict[str, bytes]:
        if self.refusal:
            raise self.refusal
        plaintext, context = self.keys.get(CiphertextBlob, (b"", {}))
        if not plaintext or context != EncryptionContext:
            raise client_error("InvalidCiphertextException", "")
        return {"Plaintext": plaintext}


def client_error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Decrypt")


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Kms:
    found = Kms()
    monkeypatch.setattr(encrypted, "_kms", lambda: found)
    return found


def encrypt(kms: Kms, folder: Path, name: str = "images", content: bytes = PLAIN) -> Path:
    """Write a file and its instruction file, as an upload does."""
    (folder / "plain").write_bytes(content)
    about = encryption.context("mnist", name)
    key = encryption.DataKey.generate(kms, "key", about)
    instruction = encryption.encrypt(folder / "plain", folder / name, key, about, lambda _: None)
    (folder / f"{name}.instruction").write_text(instruction)
    return folder / name


def test_what_was_encrypted_is_read_as_it_was_written(kms: Kms, tmp_path: Path) -> None:
    path = encrypt(kms, tmp_path)
    assert PLAIN[:1000] not in path.read_bytes()
    with encrypted.open_raw(path) as file:
        assert file.read() == PLAIN


def test_a_file_without_an_instruction_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(PLAIN)
    with encrypted.open_raw(tmp_path / "images") as file:
        assert file.read() == PLAIN


def test_an_encrypted_idx_file_is_an_idx_file(kms: Kms, tmp_path: Path) -> None:
    labels = np.arange(10, dtype=np.uint8)
    np.testing.assert_array_equal(read_idx(encrypt(kms, tmp_path, "labels", idx_bytes(labels)), 1), labels)


def test_the_instruction_file_is_that_of_the_s3_encryption_client(kms: Kms, tmp_path: Path) -> None:
    """All and only the keys of format version 2 with AES-GCM ("Content Metadata")."""
    content = json.loads(encrypt(kms, tmp_path).with_name("images.instruction").read_text())
    assert set(content) == {f"x-amz-{name}" for name in ("key-v2", "iv", "cek-alg", "wrap-alg", "tag-len", "matdesc")}
    assert len(base64.b64decode(content["x-amz-iv"])) == 12
    assert json.loads(content["x-amz-matdesc"]) == {
        "aws:x-amz-cek-alg": "AES/GCM/NoPadding", "slipway:data-set": "mnist", "slipway:file": "images",
    }  # fmt: skip


def test_every_file_has_its_own_key_and_iv(kms: Kms, tmp_path: Path) -> None:
    first = encrypt(kms, tmp_path, "a").read_bytes()
    assert encrypt(kms, tmp_path, "b").read_bytes() != first
    assert len(kms.keys) == 2


def flipped(at: int) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[at] ^= 1
        path.write_bytes(content)

    return change


def edited(**members: Any) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        beside = path.with_name("images.instruction")
        content = json.loads(beside.read_text()) | {name.replace("_", "-"): value for name, value in members.items()}
        beside.write_text(json.dumps(content))

    return change


def context(**members: str) -> Callable[[Path], object]:
    about = encryption.context("mnist", "images") | {
        f"slipway:{name}".replace("_", "-"): members[name] for name in members
    }
    return edited(x_amz_matdesc=json.dumps(about))


UNKNOWN = base64.b64encode(b"x" * 48).decode()
CHANGED = "images differs from the encrypted original: it was changed, cut off, or belongs to another upload"
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "first byte": (flipped(0), CHANGED),
    "second chunk": (flipped(1 << 20), CHANGED),
    "tag": (flipped(-1), CHANGED),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:-1]), CHANGED),
    "shorter than a tag": (lambda path: path.write_bytes(b"x"), CHANGED),
    "plaintext": (lambda path: path.write_bytes(PLAIN), CHANGED),
    "other IV": (edited(x_amz_iv=base64.b64encode(b"y" * 12).decode()), CHANGED),
    "no IV": (edited(x_amz_iv=""), CHANGED),
    "data set": (
        context(data_set="faces"),
        "KMS does not recognise the data key of images under the encryption context",
    ),
    "data key": (edited(x_amz_key_v2=UNKNOWN), "KMS does not recognise the data key of images under the"),
    "file": (context(file="labels"), "images.instruction belongs to the file 'labels', and lies beside images: upload"),
    "no JSON": (
        lambda path: path.with_name("images.instruction").write_text("{"),
        "images.instruction is not an instruction file of the Amazon S3 Encryption Client, format version 2 (JSON",
    ),
    "version 3": (
        lambda path: path.with_name("images.instruction").write_text('{"x-amz-3": "", "x-amz-w": "12"}'),
        "is not an instruction file of the Amazon S3 Encryption Client, format version 2 (KeyError: 'x-amz-cek-alg')",
    ),
    "no base64": (edited(x_amz_key_v2="?"), "format version 2 (Error: "),
    "context is a list": (edited(x_amz_matdesc="[]"), "format version 2 (AttributeError: "),
    "CBC": (
        edited(x_amz_cek_alg="AES/CBC/PKCS5Padding"),
        "images.instruction names the algorithms ('AES/CBC/PKCS5Padding', 'kms+context', '128'), and only (",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_was_changed_is_refused(case: str, kms: Kms, tmp_path: Path) -> None:
    path = encrypt(kms, tmp_path)
    change, sentence = REFUSED[case]
    change(path)
    with pytest.raises(JobError) as raised:
        encrypted.open_raw(path)
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (
            client_error("AccessDeniedException", "User: x is not authorized to perform: kms:Decrypt"),
            "may not decrypt the data key of images (User: x is not authorized to perform: kms:Decrypt): its model",
        ),
        (client_error("DisabledException", "key is disabled"), "the data key of images (DisabledException: key is"),
        (ConnectTimeoutError(endpoint_url="https://kms"), 'needs "kms" in network.interface_endpoints'),
    ],
    ids=["no permission", "disabled key", "no way to KMS"],
)
def test_a_key_that_kms_does_not_give_out(kms: Kms, tmp_path: Path, refusal: Exception, sentence: str) -> None:
    path = encrypt(kms, tmp_path)
    kms.refusal = refusal
    with pytest.raises(JobError) as raised:
        encrypted.open_raw(path)
    assert sentence in str(raised.value)
