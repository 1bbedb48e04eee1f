"""Uploads that stop and go on: parts that arrived are not sent again, and nothing else is taken for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from own_sandbox import OwnSandbox
from sandboxes import NewSandbox

from operations.uploads.checksum import sha256
from operations.uploads.parts import LEAST_PART_BYTES, Part, parts_of
from operations.uploads.protection import Body, ClientSide, ServerSide
from operations.uploads.sender import Sender
from operations.uploads.state import Uploads

PART = LEAST_PART_BYTES
SIZE = 2 * PART + 1000
BUCKET, KEY = "data", "datasets/mnist/raw/images"


@pytest.fixture(scope="module")
def sandbox(new_sandbox: NewSandbox) -> Iterator[OwnSandbox]:
    with new_sandbox().running() as sandbox:
        sandbox.aws("s3").create_bucket(Bucket=BUCKET)
        yield sandbox


class Bench:
    """A file to upload, and a record of the parts that S3 was sent."""

    def __init__(self, sandbox: OwnSandbox, folder: Path) -> None:
        self.s3, self.kms = sandbox.aws("s3"), sandbox.aws("kms")
        self.path, self.uploads = folder / "images", Uploads(folder / "uploads")
        self.write(b"\x01")
        self.sent: list[int] = []
        self.s3.meta.events.register("before-call.s3.UploadPart", self._note)
        self.uploads.forget(BUCKET, KEY)

    def _note(self, params: dict[str, Any], **_: Any) -> None:
        self.sent.append(int(params["query_string"]["partNumber"]))

    def write(self, byte: bytes) -> None:
        self.path.write_bytes(byte * PART + b"\x02" * PART + b"\x03" * 1000)

    def send(self, protection: ServerSide | ClientSide | None = None, interrupt_after: int = SIZE * 2) -> int:
        """As `upload` does it; interrupted, as Ctrl-C does it, once so many bytes were sent."""
        protection = protection or ServerSide(self.s3, BUCKET)
        self.sent.clear()
        done = 0

        def progress(count: int) -> None:
            nonlocal done
            done += count
            if done >= interrupt_after:
                raise KeyboardInterrupt

        kept = self.uploads.find(BUCKET, KEY)
        checksum = sha256(self.path)
        body = protection.body(KEY, self.path, checksum, kept)
        resumed = Sender(self.s3, BUCKET, self.uploads, PART).send(KEY, body, checksum, kept, progress)
        protection.finish(KEY, body)
        self.uploads.forget(BUCKET, KEY)
        return resumed

    def interrupt(self, protection: ServerSide | ClientSide | None = None) -> set[int]:
        """Stop after the first part; returns the parts that S3 has."""
        with pytest.raises(KeyboardInterrupt):
            self.send(protection, interrupt_after=1)
        return self.arrived()

    def arrived(self) -> set[int]:
        state = self.uploads.find(BUCKET, KEY)
        assert state is not None
        listed = self.s3.list_parts(Bucket=BUCKET, Key=KEY, UploadId=state.upload_id)
        return {part["PartNumber"] for part in listed["Parts"]}

    def stored(self) -> bytes:
        return self.s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()

    def unfinished(self) -> list[str]:
        found = self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        return [upload["UploadId"] for upload in found]


@pytest.fixture
def bench(sandbox: OwnSandbox, tmp_path: Path) -> Bench:
    return Bench(sandbox, tmp_path)


def test_an_interrupted_upload_goes_on_from_the_parts_that_arrived(bench: Bench) -> None:
    arrived = bench.interrupt()
    assert arrived
    resumed = bench.send()
    sizes = {1: PART, 2: PART, 3: 1000}
    assert resumed == sum(sizes[number] for number in arrived)
    assert set(bench.sent) == set(sizes) - arrived
    assert bench.stored() == bench.path.read_bytes()
    head = bench.s3.head_object(Bucket=BUCKET, Key=KEY, ChecksumMode="ENABLED")
    assert head["Metadata"] == {"sha256": sha256(bench.path)}
    assert head["ChecksumSHA256"].endswith("-3"), "S3 keeps the checksum of its three parts"
    assert (bench.uploads.find(BUCKET, KEY), bench.unfinished()) == (None, [])
    assert ServerSide(bench.s3, BUCKET).is_there(KEY, bench.path, sha256(bench.path))


def test_a_changed_file_starts_again_and_leaves_no_parts(bench: Bench) -> None:
    bench.interrupt()
    bench.write(b"\x07")
    assert bench.send() == 0
    assert sorted(bench.sent) == [1, 2, 3]
    assert bench.stored() == bench.path.read_bytes()
    assert bench.unfinished() == []


def test_an_upload_that_s3_knows_no_more_starts_again(bench: Bench) -> None:
    bench.interrupt()
    (upload,) = bench.unfinished()
    bench.s3.abort_multipart_upload(Bucket=BUCKET, Key=KEY, UploadId=upload)
    assert bench.send() == 0
    assert bench.stored() == bench.path.read_bytes()


def test_a_part_of_other_bytes_is_sent_again(bench: Bench) -> None:
    bench.interrupt()
    (upload,) = bench.unfinished()
    bench.s3.upload_part(
        Bucket=BUCKET, Key=KEY, UploadId=upload, PartNumber=1, Body=b"\x08" * PART, ChecksumAlgorithm="SHA256"
    )
    bench.send()
    assert 1 in bench.sent
    assert bench.stored() == bench.path.read_bytes()


def test_a_state_that_cannot_be_read_is_as_good_as_none(bench: Bench) -> None:
    bench.interrupt()
    (state,) = (bench.uploads.ciphertext(BUCKET, KEY).parent).glob("*.json")
    state.write_text("{")
    assert bench.send() == 0
    for upload in bench.unfinished():
        bench.s3.abort_multipart_upload(Bucket=BUCKET, Key=KEY, UploadId=upload)


def test_s3_refuses_a_part_that_arrives_damaged(bench: Bench) -> None:
    begun = bench.s3.create_multipart_upload(Bucket=BUCKET, Key="damaged", ChecksumAlgorithm="SHA256")["UploadId"]
    with pytest.raises(ClientError, match="BadDigest"):
        bench.s3.upload_part(
            Bucket=BUCKET, Key="damaged", UploadId=begun, PartNumber=1, Body=b"a", ChecksumSHA256="x" * 43 + "="
        )
    bench.s3.abort_multipart_upload(Bucket=BUCKET, Key="damaged", UploadId=begun)


def test_parts_cover_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 25)
    assert parts_of(tmp_path / "file", 10) == [Part(1, 0, 10), Part(2, 10, 10), Part(3, 20, 5)]


@pytest.fixture
def client_side(bench: Bench) -> ClientSide:
    key = bench.kms.create_key()["KeyMetadata"]["Arn"]
    return ClientSide(bench.s3, bench.kms, BUCKET, key, "mnist", bench.uploads, lambda _: None)


def test_an_encrypted_upload_goes_on_with_the_same_ciphertext(bench: Bench, client_side: ClientSide) -> None:
    arrived = bench.interrupt(client_side)
    ciphertext = bench.uploads.ciphertext(BUCKET, KEY).read_bytes()
    assert bench.send(client_side) > 0
    assert set(bench.sent) == {1, 2, 3} - arrived
    assert bench.stored() == ciphertext
    assert not bench.uploads.ciphertext(BUCKET, KEY).exists()
    checksum = sha256(bench.path)
    assert client_side.is_there(KEY, bench.path, checksum)
    assert not client_side.is_there(KEY, bench.path, "0" * 64), "a changed file"
    assert not ServerSide(bench.s3, BUCKET).is_there(KEY, bench.path, checksum), "it is not there in plain"


def test_nothing_in_s3_tells_of_the_plaintext(bench: Bench, client_side: ClientSide) -> None:
    bench.path.write_bytes(b"a secret" * 100)
    bench.send(client_side)
    head = bench.s3.head_object(Bucket=BUCKET, Key=KEY)
    instruction = json.loads(bench.s3.get_object(Bucket=BUCKET, Key=f"{KEY}.instruction")["Body"].read())
    assert b"a secret" not in bench.stored()
    assert sha256(bench.path) not in json.dumps([head["Metadata"], instruction])
    assert len(bench.stored()) == 800 + 16


def test_a_data_set_that_is_no_longer_encrypted_here_loses_its_instruction_files(
    bench: Bench, client_side: ClientSide
) -> None:
    bench.path.write_bytes(b"a secret")
    bench.send(client_side)
    bench.send()
    with pytest.raises(ClientError, match="404"):
        bench.s3.head_object(Bucket=BUCKET, Key=f"{KEY}.instruction")
    assert bench.stored() == b"a secret"


def test_a_changed_ciphertext_is_not_gone_on_with(bench: Bench, client_side: ClientSide) -> None:
    bench.interrupt(client_side)
    kept = bench.uploads.find(BUCKET, KEY)
    bench.uploads.ciphertext(BUCKET, KEY).write_bytes(b"something else")
    body: Body = client_side.body(KEY, bench.path, sha256(bench.path), kept)
    assert kept is not None
    assert body.checksum != kept.body_checksum
    assert body.path.stat().st_size == SIZE + 16
