"""The files of a run: history.json inside an archive, and JSON objects."""

from __future__ import annotations

import io
import tarfile

import pytest

from pages.cost import cost, total_cost
from pages.run_files import history_in, json_object


def archive(name: str) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 2
        tar.addfile(entry, io.BytesIO(b"{}"))
    packed.seek(0)
    return packed


@pytest.mark.parametrize(
    ("name", "found"), [("./history.json", b"{}"), ("data/history.json", b"{}"), ("other.json", None)]
)
def test_the_history_of_an_archive(name: str, found: bytes | None) -> None:
    assert history_in(archive(name)) == found


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "facts.json is not JSON: "),
        (b"\xff", "facts.json is not JSON: "),
        (b"[]", "facts.json holds a list, not an object."),
        (b"1", "facts.json holds a int, not an object."),
    ],
)
def test_other_content_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        json_object(content, "facts.json")


JOB = {"usd_per_hour": 0.24, "billable_seconds": 150, "instance_count": 2}


@pytest.mark.parametrize(
    ("change", "expected"),
    [({}, 0.02), ({"billable_seconds": 0, "usd_per_hour": None}, 0.0), ({"usd_per_hour": None}, None)],
    ids=["known", "nothing billed", "unknown price"],
)
def test_the_cost_of_a_job(change: dict[str, float | None], expected: float | None) -> None:
    assert cost(JOB | change) == pytest.approx(expected)


def test_an_unknown_cost_makes_the_total_unknown() -> None:
    assert total_cost([JOB, JOB]) == pytest.approx(0.04)
    assert total_cost([JOB, JOB | {"usd_per_hour": None}]) is None
