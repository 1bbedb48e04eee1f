"""The LSTM's baselines: logistic regressions over words and pairs of words, without and with the polarities.

The second has every help that the network has: polarities of words, beginnings and pairs, from the same counts without
a review's own fold. Of each kind it reads mean, least and greatest over a review.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.common.errors import JobError
from training.common.manifest import write_json
from training.reviews_lstm.polarity import ALL, STEM_LETTERS, Counts, folds_of
from training.reviews_lstm.review import Review

WORD = r"[^\W_]+(?:'[^\W_]+)?"
MARK = r"[!?]"
RAREST = 2
FOLDS = 3
STRENGTHS = (0.3, 1.0, 3.0, 10.0)
NAME = "baseline.json"


@dataclass(frozen=True)
class Baselines:
    """The probabilities of "positive" by the words alone, and by words and polarities, both float [reviews]."""

    words: np.ndarray
    polarities: np.ndarray


def write(folder: Path, train: Sequence[Review], test: Sequence[Review]) -> None:
    """Fit on the training reviews, and write predictions for the test reviews into their folder."""
    labels = np.array([review.label for review in train])
    if min((labels == 0).sum(), (labels == 1).sum()) < FOLDS:
        raise JobError(f"The split 'train' holds fewer than {FOLDS} reviews of one class: it takes more to learn from.")
    found = predict(train, [review.text for review in test])
    rounded = {name: [round(float(each), 6) for each in values] for name, values in vars(found).items()}
    write_json(folder / NAME, rounded)


def read(folder: Path, records: int) -> Baselines:
    """Read the baselines' probabilities of a split with so many records. Raises JobError."""
    try:
        content = json.loads((folder / NAME).read_text())
        found = Baselines(np.array(content["words"], float), np.array(content["polarities"], float))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JobError(f"{folder / NAME} cannot be read ({error}): the step prepare writes it.") from error
    for probabilities in (found.words, found.polarities):
        if probabilities.shape != (records,):
            raise JobError(f"{folder / NAME} is about {len(probabilities)} reviews, and the split has {records}.")
    return found


def predict(train: Sequence[Review], test: Sequence[str]) -> Baselines:
    """The probabilities of "positive" for the texts of `test`, by both baselines."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import StandardScaler

    labels = np.array([review.label for review in train])
    words = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True, min_df=RAREST)
    seen, asked = words.fit_transform([review.text for review in train]), words.transform(test)
    own, others = summaries(train, test)
    scaler = StandardScaler().fit(own)
    both = [
        hstack([texts, csr_matrix(scaler.transform(numbers))]).tocsr()
        for texts, numbers in ((seen, own), (asked, others))
    ]
    return Baselines(_regression(seen, labels, asked), _regression(both[0], labels, both[1]))


def _regression(features: Any, labels: np.ndarray, asked: Any) -> np.ndarray:
    """The probabilities of `asked`, with the best of STRENGTHS by cross-validation: it is tuned as the network is."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(LogisticRegression(solver="liblinear"), {"C": STRENGTHS}, cv=FOLDS)
    return search.fit(features, labels).predict_proba(asked)[:, 1]


def entries(text: str) -> list[list[str]]:
    """The words of a text, their beginnings, and their pairs with the word before."""
    words = re.findall(f"{WORD}|{MARK}", text.lower())
    pairs = [f"{before} {word}" for before, word in zip(["", *words], words, strict=False)]
    return [words, [word[:STEM_LETTERS] for word in words], pairs]


def summaries(train: Sequence[Review], test: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Mean, least and greatest polarity of words, beginnings and pairs: float [reviews, 9] of both splits.

    Those of training reviews are counted without their own fold.
    """
    folds = folds_of([review.text for review in train])
    targets = 1 / (1 + np.exp(-np.array([review.rating for review in train])))
    seen, asked = [entries(review.text) for review in train], [entries(text) for text in test]
    own, others = [], []
    for kind in range(3):
        lists = [each[kind] for each in seen]
        counts = Counter(entry for each in lists for entry in each)
        numbers = {entry: number for number, entry in enumerate(name for name in counts if counts[name] >= RAREST)}
        known = [(row, numbers[entry]) for row, each in enumerate(lists) for entry in each if entry in numbers]
        holders, held = np.array(known, np.int64).reshape(-1, 2).T
        table = Counts.of(holders, held, max(len(numbers), 1), targets, folds).polarities()
        own.append([_summary(table[fold], numbers, each) for fold, each in zip(folds, lists, strict=True)])
        others.append([_summary(table[ALL], numbers, each[kind]) for each in asked])
    return np.concatenate(own, 1), np.concatenate(others, 1)


def _summary(table: np.ndarray, numbers: dict[str, int], held: Sequence[str]) -> tuple[float, float, float]:
    values = [float(table[numbers[entry]]) if entry in numbers else 0.0 for entry in held] or [0.0]
    return sum(values) / len(values), min(values), max(values)
