"""The splits of snippets and of IMDB's archive, and the refusals of either."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from reviews_lab import REVIEWS, lines, processing_job

from training.common.errors import JobError
from training.common.manifest import Manifest
from training.reviews_lstm import baseline, imdb, prepare, snippets
from training.reviews_lstm.algorithm import SCHEMA
from training.reviews_lstm.comparison import Scores, verdict
from training.reviews_lstm.review import Review, split_of

PRAISED = "".join(f"{number}\t2\ttext {number}\n" for number in range(100))
GOOD = "1\t2.5\ta good film\r\n"
IMDB_REVIEWS = [
    *((f"train/pos/{number}_9.txt", f"a fine film number {number}") for number in range(30)),
    *((f"train/neg/{number}_2.txt", f"a poor film number {number}") for number in range(30)),
    ("test/pos/0_10.txt", "grand"),
    ("test/neg/0_1.txt", "A  Fine film NUMBER 3"),
    ("test/neg/1_1.txt", "grim"),
]


def archive(reviews: list[tuple[str, str | bytes]]) -> bytes:
    """An archive in the published form, with a file beside the reviews."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in [*reviews, ("train/unsup/0_0.txt", "of no label"), ("README", "")]:
            content = text.encode() if isinstance(text, str) else text
            entry = tarfile.TarInfo(f"aclImdb/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def prepared_of(tmp_path: Path, files: dict[str, bytes]) -> Path:
    container = processing_job(tmp_path, files)
    prepare.main(container)
    return tmp_path / "processing" / "output" / "prepared"


def test_snippets_become_three_splits_by_their_text(tmp_path: Path) -> None:
    prepared = prepared_of(tmp_path, {snippets.FILE: lines()})
    manifests = {split: Manifest.read(prepared / split) for split in ("train", "validation", "test")}
    counts = {split: manifest.records for split, manifest in manifests.items()}
    assert sum(counts.values()) == REVIEWS
    assert counts["train"] > counts["test"] > counts["validation"] > 30
    for manifest in manifests.values():
        manifest.require(SCHEMA, 2)
        assert set(manifest.classes) == {"0", "1"}
    assert json.loads((prepared / "manifest.json").read_text())["licence"].startswith("MIT")
    beside = baseline.read(prepared / "test", counts["test"])
    for probabilities in (beside.words, beside.polarities):
        assert np.all((probabilities >= 0) & (probabilities <= 1))


def test_copies_of_a_text_share_a_split_whatever_their_case_and_spacing() -> None:
    found = {split_of(text) for text in ("An  odd film", "an odd FILM ", "an odd film")}
    assert len(found) == 1
    splits = [split_of(f"review {number}") for number in range(4000)]
    shares = [splits.count(name) / 4000 for name in ("train", "validation", "test")]
    assert shares == pytest.approx([0.75, 0.10, 0.15], abs=0.02)


def test_a_rating_decides_the_label_and_none_leaves_the_snippet_out(tmp_path: Path) -> None:
    path = tmp_path / snippets.FILE
    path.write_text("1\t0.1\tHe &amp; she\n2\t-0.1\tno\n3\t0.0\tneither\n")
    found = [review for reviews in snippets.read(path).values() for review in reviews]
    assert {(review.text, review.label) for review in found} == {("He & she", 1), ("no", 0)}


def test_imdb_keeps_its_test_split_less_what_was_trained_on(tmp_path: Path) -> None:
    path = tmp_path / imdb.FILE
    path.write_bytes(archive(IMDB_REVIEWS))
    splits = imdb.read(path)
    assert [review.text for review in splits["test"]] == ["grand", "grim"]
    assert len(splits["train"]) + len(splits["validation"]) == 60
    assert len(splits["train"]) > len(splits["validation"]) > 0
    assert {(review.label, round(review.rating, 2)) for review in splits["train"]} == {(1, 3.11), (0, -3.11)}


def test_imdb_is_prepared_as_the_snippets_are(tmp_path: Path) -> None:
    prepared = prepared_of(tmp_path, {imdb.FILE: archive(IMDB_REVIEWS)})
    assert Manifest.read(prepared / "test").source.startswith("Large Movie Review Dataset")
    assert len(baseline.read(prepared / "test", 2).words) == 2


BOTH = "must hold one of movieReviewSnippets_GroundTruth.txt and aclImdb_v1.tar.gz, and holds "
REFUSED = {
    "neither": ({"reviews.csv": b"x"}, BOTH + "neither: list one of them"),
    "both": ({snippets.FILE: b"", imdb.FILE: b""}, BOTH + "movieReviewSnippets_GroundTruth.txt and aclImdb"),
    "empty": ({snippets.FILE: b""}, "The split 'train' would be empty"),
    "two fields": ({snippets.FILE: b"1\t2.5\n"}, "line 1, has 2 fields between tabs, and must have 3"),
    "no number": ({snippets.FILE: (GOOD + "2\tgood\tx\n").encode()}, "line 2, has the rating 'good', and must have"),
    "not finite": ({snippets.FILE: b"1\tnan\tx\n"}, "line 1, has the rating 'nan', and must have a number from -4"),
    "too high": ({snippets.FILE: b"1\t4.1\tx\n"}, "line 1, has the rating '4.1', and must have a number from -4 to 4"),
    "no text": ({snippets.FILE: b"1\t2.5\t \n"}, "line 1, has no text."),
    "latin-1": ({snippets.FILE: b"1\t2.5\tcaf\xe9\n"}, "line 1, is not UTF-8: the byte 0xe9 at position 9 belongs to"),
    "one class": ({snippets.FILE: PRAISED.encode()}, "The split 'train' holds fewer than 3 reviews of one class"),
    "no archive": ({imdb.FILE: b"zip"}, "aclImdb_v1.tar.gz cannot be read as a tar.gz"),
    "cut archive": ({imdb.FILE: archive(IMDB_REVIEWS)[:200]}, "aclImdb_v1.tar.gz cannot be read as a tar.gz"),
    "other archive": ({imdb.FILE: archive([])}, "holds no reviews at aclImdb/train/neg and aclImdb/train/pos"),
    "no test": ({imdb.FILE: archive(IMDB_REVIEWS[:60])}, "holds no reviews at aclImdb/test/neg"),
    "wrong folder": ({imdb.FILE: archive([("train/pos/1_2.txt", "x")])}, "has 2 stars, and lies in the folder pos"),
    "imdb latin-1": ({imdb.FILE: archive([("train/pos/1_9.txt", b"caf\xe9")])}, "1_9.txt is not UTF-8: the byte 0xe9"),
    "imdb no text": ({imdb.FILE: archive([("train/pos/1_9.txt", " ")])}, "aclImdb/train/pos/1_9.txt has no text."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_data_set_is_refused_with_a_sentence(tmp_path: Path, case: str) -> None:
    files, sentence = REFUSED[case]
    with pytest.raises(JobError) as raised:
        prepare.main(processing_job(tmp_path, files))
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        ("{}", "cannot be read"),
        ('{"words": [0.5, 0.5], "polarities": [0.5]}', "is about 1 reviews, and the split has 2."),
    ],
)
def test_a_baseline_that_is_not_of_the_split_is_refused(tmp_path: Path, content: str | None, sentence: str) -> None:
    if content:
        (tmp_path / baseline.NAME).write_text(content)
    with pytest.raises(JobError, match=sentence):
        baseline.read(tmp_path, 2)


def test_the_report_says_plainly_who_wins_and_how_surely() -> None:
    right, wrong = np.ones(100, bool), np.arange(100) < 60
    assert "wins over the bag:" in verdict(right, wrong, "bag")
    assert "LOSES TO" in verdict(wrong, right, "bag")
    one = right.copy()
    one[0] = False
    by_chance = "The LSTM and the bag do not differ by more than chance: "
    assert verdict(right, one, "bag").startswith(f"{by_chance}+1.00 points of accuracy, standard error 0.99")
    assert verdict(right, right, "bag").startswith(by_chance)


def test_the_baseline_s_polarities_are_counted_without_a_review_s_own_fold() -> None:
    train = [Review(f"plain film {number}", number % 2, number % 2 * 2 - 1) for number in range(400)]
    own, others = baseline.summaries([*train, Review("grand", 1, 4), Review("grand", 1, 4)], ["grand", "unseen", ""])
    assert own.shape == (402, 9)
    assert own[-1].tolist() == [0] * 9, "both reviews that hold it are in one fold"
    assert np.all(others[0, [0, 3]] > 0.5)
    assert np.all(others[1:] == 0)


def test_scores_are_those_of_the_probabilities() -> None:
    scores = Scores.of(np.array([0.9, 0.6, 0.4, 0.2]), np.array([1, 0, 1, 0]))
    assert (scores.accuracy, scores.auc) == (0.5, 0.75)
    assert scores.calibration_error == pytest.approx((0.1 + 0.6 + 0.6 + 0.2) / 4)
