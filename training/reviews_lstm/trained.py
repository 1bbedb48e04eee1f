"""A trained archive's SavedModel, asked as an endpoint asks it, and about its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.common.errors import JobError
from training.common.tensorflow_start import import_tensorflow
from training.reviews_lstm.algorithm import CLASSES

BATCH_SIZE = 200
SURE = 1e-6
"""Probabilities closer to 0 or 1 than this have no finite logit in float32."""


@dataclass(frozen=True)
class Reading:
    """The words that the network read: polarities float [words, 3], effects float [words].

    The polarities are those of the word, its beginning, and its pair with the word before. The effect of a word is the
    logit of "positive" with it, less that of the review without it.
    """

    words: list[str]
    polarities: np.ndarray
    effects: np.ndarray


class Trained:
    """The SavedModel in a folder. Raises JobError for that of another package."""

    def __init__(self, folder: Path) -> None:
        import_tensorflow()  # here, so that missing or damaged input is reported without waiting for it
        import tensorflow as tf

        self._constant = tf.constant
        self._loaded: Any = tf.saved_model.load(str(folder))
        self._signature = self._loaded.signatures["serving_default"]
        if "texts" not in self._signature.structured_input_signature[1]:
            raise JobError(
                "The archive's signature serving_default takes no 'texts': it is the model of another package."
            )

    def positive(self, texts: Sequence[bytes]) -> np.ndarray:
        """The probability of "positive" for each text, float [n]."""
        found = []
        for start in range(0, len(texts), BATCH_SIZE):
            answer = self._signature(texts=self._constant(list(texts[start : start + BATCH_SIZE])))
            sure = answer["probability"].numpy()
            found.append(np.where(answer["class"].numpy() == CLASSES[1].encode(), sure, 1 - sure))
        return np.concatenate(found).astype(float)

    @property
    def factor(self) -> str:
        """The sentence on the factor of the logit. Raises JobError for an archive of older code."""
        self._require_explanations()
        return self._loaded.said.numpy().decode()

    def reading(self, text: bytes) -> Reading:
        """The words of a review with their polarities and effects. Raises JobError for an archive of older code."""
        self._require_explanations()
        found = self._loaded.explain(self._constant([text]))
        words = [word for word in found["words"].numpy()[0].tolist() if word]
        without = [b" ".join(words[:place] + words[place + 1 :]) for place in range(len(words))]
        logits = _logits(self.positive([b" ".join(words), *without]))
        polarities = found["polarities"].numpy()[0, : len(words)]
        return Reading([word.decode() for word in words], polarities, logits[0] - logits[1:])

    def _require_explanations(self) -> None:
        if not hasattr(self._loaded, "explain"):
            raise JobError("The archive says nothing of its words: it was trained by older code. Train it again.")


def _logits(positive: np.ndarray) -> np.ndarray:
    positive = np.clip(positive, SURE, 1 - SURE)
    return np.log(positive / (1 - positive))
