"""The Large Movie Review Dataset, read from its published archive.

Its reviews are aclImdb/{train,test}/{neg,pos}/ID_STARS.txt, in UTF-8.
Source: Maas et al., "Learning Word Vectors for Sentiment Analysis" (2011), and the README in the archive.
"""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

from training.common.encrypted import open_raw
from training.common.errors import JobError
from training.common.manifest import Origin
from training.reviews_lstm.algorithm import IMDB, require_utf8
from training.reviews_lstm.review import VALIDATION_PERCENT, Review, bucket, plain

FILE = IMDB
MEMBER = re.compile(r"aclImdb/(train|test)/(neg|pos)/\d+_(\d+)\.txt")
MIDDLE_STARS = 5.5
ORIGIN = Origin(
    source="Large Movie Review Dataset v1.0, Maas et al. 2011: https://ai.stanford.edu/~amaas/data/sentiment/",
    licence="none stated; the authors ask to cite their paper",
    split_rule="test: the archive's test folder, less texts that its train folder has too; of the train folder those "
    "with SHA-256 of the lower-case text without its spacing modulo 100 below 10 are validation, the rest train",
)


def read(path: Path) -> dict[str, list[Review]]:
    """The reviews of each split, in the archive's order. Raises JobError for a damaged or another archive."""
    folders: dict[str, list[Review]] = {"train": [], "test": []}
    try:
        with open_raw(path) as file, tarfile.open(fileobj=file, mode="r:gz") as tar:
            for member in tar:
                if member.isfile() and (found := MEMBER.fullmatch(member.name)):
                    folder, kind, stars = found.groups()
                    content = tar.extractfile(member)
                    assert content is not None
                    folders[folder].append(_review(content.read(), member.name, kind, int(stars)))
    except (tarfile.TarError, OSError, EOFError) as error:
        raise JobError(f"{path.name} cannot be read as a tar.gz: {error}.") from error
    empty = [f"aclImdb/{folder}" for folder, reviews in folders.items() if not reviews]
    if empty:
        raise JobError(f"{path.name} holds no reviews at {empty[0]}/neg and {empty[0]}/pos, named like 12_3.txt.")
    return _splits(**folders)


def _review(content: bytes, name: str, kind: str, stars: int) -> Review:
    text = require_utf8(content, name).strip()
    if not text:
        raise JobError(f"{name} has no text.")
    if not 1 <= stars <= 10 or (stars > MIDDLE_STARS) != (kind == "pos"):
        raise JobError(f"{name} has {stars} stars, and lies in the folder {kind}: pos has 6 to 10, neg 1 to 5.")
    return Review(text, int(kind == "pos"), (stars - MIDDLE_STARS) * 4 / 4.5)


def _splits(train: list[Review], test: list[Review]) -> dict[str, list[Review]]:
    seen = {plain(review.text) for review in train}
    held_out = [bucket(review.text) < VALIDATION_PERCENT for review in train]
    return {
        "train": [review for review, held in zip(train, held_out, strict=True) if not held],
        "validation": [review for review, held in zip(train, held_out, strict=True) if held],
        "test": [review for review in test if plain(review.text) not in seen],
    }
