"""Accuracy, precision, recall and F1 of a classifier, from true and predicted classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Evaluation:
    """A confusion matrix, int64 [true, predicted], and the metrics derived from it.

    A class that was never predicted has precision 0, one that never occurred recall 0, as in scikit-learn.
    """

    confusion: np.ndarray

    @classmethod
    def of(cls, truths: np.ndarray, predictions: np.ndarray, classes: int) -> Evaluation:
        """From labels int64 [n] and predicted classes int64 [n]."""
        counts = np.bincount(truths * classes + predictions, minlength=classes * classes)
        return cls(counts.reshape(classes, classes))

    @property
    def examples(self) -> int:
        return int(self.confusion.sum())

    def per_class(self) -> list[dict[str, float]]:
        """For every class precision, recall, f1 and support (how many examples it has)."""
        right, predicted, true = np.diag(self.confusion), self.confusion.sum(0), self.confusion.sum(1)
        return [
            {
                "precision": _share(right[number], predicted[number]),
                "recall": _share(right[number], true[number]),
                "f1": _share(2 * right[number], predicted[number] + true[number]),
                "support": int(true[number]),
            }
            for number in range(len(right))
        ]

    def metrics(self) -> dict[str, float]:
        """Accuracy, and the macro averages of precision, recall and F1."""
        rows = self.per_class()
        averages = {name: float(np.mean([row[name] for row in rows])) for name in ("precision", "recall", "f1")}
        return {"accuracy": _share(np.trace(self.confusion), self.examples)} | averages

    def shares(self) -> dict[str, int]:
        """The number of examples by metric, for those that are shares of examples."""
        return {"accuracy": self.examples}

    def as_json(self) -> dict[str, Any]:
        """The content of evaluation.json."""
        return {
            "metrics": self.metrics(),
            "shares": self.shares(),
            "classes": {str(number): row for number, row in enumerate(self.per_class())},
            "confusion_matrix": self.confusion.tolist(),
            "examples": self.examples,
        }


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
