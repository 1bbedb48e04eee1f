"""The files of a state: whole at any moment, refused when they are not what was saved."""

from __future__ import annotations

import datetime
import json
import os
import pickle
from pathlib import Path

import pytest
from sandbox.state import objects
from sandbox.state.snapshot import Snapshot, Unreadable, dump

PLAIN = {("000000000000", "name"): {"at": datetime.datetime.now(datetime.UTC), "body": b"\x00", "tags": {"a", "b"}}}


class Killed(Exception):
    """In the place of a SIGKILL."""


def killed(*_: object) -> None:
    raise Killed


def saved(folder: Path, **parts: object) -> Snapshot:
    snapshot = Snapshot(folder)
    snapshot.load()
    snapshot.save({name: dump(value) for name, value in parts.items()})
    return snapshot


def test_plain_data_comes_back_as_it_was(tmp_path: Path) -> None:
    saved(tmp_path, iam=PLAIN, s3={})
    assert Snapshot(tmp_path).load() == {"iam": PLAIN, "s3": {}}


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    snapshot = saved(tmp_path, iam=PLAIN, s3={})
    before = (tmp_path / "iam.1").stat().st_mtime_ns
    assert snapshot.save({"iam": dump(PLAIN), "s3": dump({"bucket": 1})}) == len(dump({"bucket": 1}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["iam.1", "manifest.json", "s3.2"]
    assert (tmp_path / "iam.1").stat().st_mtime_ns == before


def test_a_part_that_is_gone_is_dropped_and_one_that_cannot_be_written_stays(tmp_path: Path) -> None:
    snapshot = saved(tmp_path, iam=PLAIN, s3={}, sqs={})
    snapshot.save({"iam": None, "s3": dump(1)})
    assert Snapshot(tmp_path).load() == {"iam": PLAIN, "s3": 1}


def test_a_kill_before_the_manifest_leaves_the_former_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = saved(tmp_path, iam={"role": 1}, s3={"bucket": 1})
    monkeypatch.setattr(os, "replace", killed)  # the files are written, the manifest never
    with pytest.raises(Killed):
        snapshot.save({"iam": dump({"role": 2}), "s3": dump({"bucket": 2})})
    assert Snapshot(tmp_path).load() == {"iam": {"role": 1}, "s3": {"bucket": 1}}


def test_objects_of_code_are_neither_written_nor_read(tmp_path: Path) -> None:
    with pytest.raises(pickle.PicklingError, match=r"pathlib\.\w+ does not belong into a state"):
        dump({"path": tmp_path})
    snapshot = Snapshot(tmp_path)
    snapshot.save({"iam": pickle.dumps(os.system)})
    with pytest.raises(Unreadable, match="does not belong into a state"):
        Snapshot(tmp_path).load()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "iam.1").write_bytes(b"half"), "iam.1 is damaged: its content is not what was saved"),
        (lambda folder: (folder / "iam.1").unlink(), "iam.1 cannot be read (No such file or directory)"),
        (lambda folder: (folder / "manifest.json").write_text('{"for'), "manifest.json is damaged"),
        (
            lambda folder: alter(folder, format=99),
            "it was written by format 99 on ministack 1.5.33, and this is",
        ),
        (lambda folder: alter(folder, ministack="0.1"), "it was written by format 2 on ministack 0.1, and this is"),
    ],
)
def test_what_cannot_be_trusted_is_refused_and_kept(tmp_path: Path, damage, reason: str) -> None:
    saved(tmp_path, iam=PLAIN)
    damage(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(Unreadable) as refusal:
        Snapshot(tmp_path).load()
    assert reason in str(refusal.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def alter(folder: Path, **members: object) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | members))


def test_an_object_whose_put_was_cut_off_agrees_with_its_metadata(tmp_path: Path) -> None:
    """The body is new and the metadata old: the size and the ETag of an object are those of its body."""
    body, sidecar = tmp_path / "key", tmp_path / "key.meta.json"
    sidecar.write_text(json.dumps({"etag": '"old"', "size": 3, "checksums": {"crc32": "x"}, "metadata": {"a": "b"}}))
    os.utime(sidecar, ns=(1, 1))
    body.write_bytes(b"hello")
    (tmp_path / "other.tmp").write_bytes(b"never finished")
    objects.settle(tmp_path)
    corrected = {"etag": '"5d41402abc4b2a76b9719d911017c592"', "size": 5, "checksums": {}, "metadata": {"a": "b"}}
    assert json.loads(sidecar.read_text()) == corrected
    assert not (tmp_path / "other.tmp").exists()
