"""The confusion matrix of a classifier, and its classes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from pages.markup import Markup, interval, join, note, percent, scrolling, table
from pages.page import Section
from pages.share import Share
from training.common.evaluation import Evaluation

MATRIX = "Rows are true classes, columns predicted ones. Green is right, red is wrong; a stronger colour means more."
CLASSES = (
    "Precision: the share of predictions of the class that are right. Recall: the share of the class's examples that "
    "are found. Below them their 95 % intervals."
)


ROOM = 40
"""The most characters of all classes' names that the matrix has room for side by side; longer ones are turned."""


def section(evaluation: Evaluation, names: Sequence[str]) -> Section:
    """Matrix and classes side by side; `names` are the classes' names."""
    matrix, classes = _matrix(evaluation.confusion, names), _classes(evaluation, names)
    html = f'<div class="pair"><div>{note(MATRIX)}{matrix}</div><div>{note(CLASSES)}{classes}</div></div>'
    return Section("Confusion matrix", Markup(html))


def _matrix(confusion: np.ndarray, names: Sequence[str]) -> Markup:
    head = "".join(f'<th scope="col"><span>{escape(name)}</span></th>' for name in names)
    kind = "matrix long" if sum(map(len, names)) > ROOM else "matrix"
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{_cells(confusion, names, truth)}</tr>'
        for truth, name in enumerate(names)
    )
    caption = "<caption>Examples by class and prediction</caption>"
    shown = f"{caption}<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody>"
    return scrolling("Confusion matrix", f'<table class="{kind}">{shown}</table>')


def _cells(confusion: np.ndarray, names: Sequence[str], truth: int) -> str:
    return "".join(_cell(confusion, names, truth, prediction) for prediction in range(len(names)))


def _cell(confusion: np.ndarray, names: Sequence[str], truth: int, prediction: int) -> str:
    """One count, coloured by its share of the row; errors by the commonest confusion."""
    count = int(confusion[truth, prediction])
    if not count:
        return '<td class="zero">0</td>'
    if truth == prediction:
        kind, share = "right", 0.12 + 0.4 * count / confusion[truth].sum()
    else:
        kind, share = "wrong", 0.12 + 0.55 * count / (confusion - np.diag(np.diag(confusion))).max()
    meaning = escape(f"{names[truth]} taken for {names[prediction]}: {count:,}")
    return f'<td class="{kind}" style="--share: {share:.2f}" title="{meaning}">{count:,}</td>'


def _classes(evaluation: Evaluation, names: Sequence[str]) -> Markup:
    rows = [
        (
            name,
            _share(row["precision"], predicted),
            _share(row["recall"], row["support"]),
            percent(row["f1"]),
            int(row["support"]),
        )
        for name, row, predicted in zip(names, evaluation.per_class(), evaluation.confusion.sum(0), strict=True)
    ]
    return table("Classes", ("class", "precision#", "recall#", "F1#", "examples#"), rows)


def _share(value: float, examples: float) -> Markup:
    """A share with its interval below it; a class that was never predicted has none."""
    if not examples:
        return join(percent(value))
    said = interval(Share(value, int(examples)).interval, lambda end: f"{end * 100:.1f}")
    return join(percent(value), Markup(f'<span class="said">{said}</span>'))
