"""What the LSTM must not lose to: a logistic regression over single words and pairs of words, on the same split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WORD = r"[^\W_]+(?:'[^\W_]+)?"
STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0)


def predict(train: tuple[Sequence[str], np.ndarray], test: Sequence[str]) -> tuple[np.ndarray, float]:
    """The probabilities of "positive" for the texts of `test`, float [n], and the strength chosen.

    `train` has texts and labels. The regularisation is the best of STRENGTHS by cross-validation on `train`, so the
    baseline is tuned as well as the network is.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True)
    regression = LogisticRegressionCV(Cs=list(STRENGTHS), cv=3, max_iter=200)
    pipeline = make_pipeline(words, regression).fit(*train)
    return pipeline.predict_proba(test)[:, 1], float(np.ravel(regression.C_)[0])
