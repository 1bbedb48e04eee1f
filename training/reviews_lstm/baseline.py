"""The LSTM's baseline: a logistic regression over single words and pairs of words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.common.errors import JobError
from training.common.manifest import write_json
from training.reviews_lstm.review import Review

WORD = r"[^\W_]+(?:'[^\W_]+)?"
FOLDS = 3
STRENGTHS = (1.0, 3.0, 10.0)


NAME = "baseline.json"


def write(folder: Path, train: Sequence[Review], test: Sequence[Review]) -> None:
    """Fit on the training reviews, and write predictions for the test reviews into their folder."""
    texts, labels = [review.text for review in train], np.array([review.label for review in train])
    if min((labels == 0).sum(), (labels == 1).sum()) < FOLDS:
        raise JobError(f"The split 'train' holds fewer than {FOLDS} reviews of one class: it takes more to learn from.")
    probabilities, strength = predict(texts, labels, [review.text for review in test])
    write_json(
        folder / NAME, {"strength": strength, "probabilities": [round(float(each), 6) for each in probabilities]}
    )


def read(folder: Path, records: int) -> np.ndarray:
    """Read the baseline's probability of "positive" for each record, float [records]. Raises JobError."""
    try:
        probabilities = np.array(json.loads((folder / NAME).read_text())["probabilities"], float)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JobError(f"{folder / NAME} cannot be read ({error}): the step prepare writes it.") from error
    if probabilities.shape != (records,):
        raise JobError(f"{folder / NAME} is about {len(probabilities)} reviews, and the split has {records}.")
    return probabilities


def predict(texts: Sequence[str], labels: np.ndarray, test: Sequence[str]) -> tuple[np.ndarray, float]:
    """The probabilities of "positive" for the texts of `test`, float [n], and the chosen regularisation.

    It is the best of STRENGTHS by cross-validation, so that the baseline is tuned as the network is.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    regression = GridSearchCV(LogisticRegression(solver="liblinear"), {"C": STRENGTHS}, cv=FOLDS)
    pipeline = make_pipeline(words, regression).fit(texts, labels)
    return pipeline.predict_proba(test)[:, 1], float(regression.best_params_["C"])
