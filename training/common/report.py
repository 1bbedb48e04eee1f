"""An evaluation as one HTML page that needs nothing beside it: styles and pictures are inside."""

from __future__ import annotations

import base64
import io
import string
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from training.common.evaluation import Evaluation

TEMPLATE = Path(__file__).with_name("report.html")
FIGURES = {"accuracy": "accuracy", "precision": "macro precision", "recall": "macro recall", "f1": "macro F1"}


@dataclass(frozen=True)
class Mistake:
    """A wrong prediction: the picture uint8 [height, width], what it is, what it was taken for, and how surely."""

    image: np.ndarray
    truth: int
    prediction: int
    probability: float


def render(title: str, subtitle: str, evaluation: Evaluation, mistakes: Sequence[Mistake]) -> str:
    """The page's HTML."""
    wrong = evaluation.examples - int(np.trace(evaluation.confusion))
    note = f"{wrong} of {evaluation.examples} examples are wrong; these are the ones the model was surest of."
    return string.Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(title),
        subtitle=escape(subtitle),
        figures=_figures(evaluation),
        matrix=_matrix(evaluation.confusion),
        classes=_classes(evaluation),
        mistakes_note=note if wrong else "There are none: every example is right.",
        mistakes="".join(_mistake(mistake) for mistake in mistakes),
    )


def _figures(evaluation: Evaluation) -> str:
    metrics = evaluation.metrics()
    cells = [f"<li><b>{metrics[name]:.2%}</b><span>{label}</span></li>" for name, label in FIGURES.items()]
    return "".join([*cells, f"<li><b>{evaluation.examples:,}</b><span>examples</span></li>"])


def _matrix(confusion: np.ndarray) -> str:
    numbers = range(len(confusion))
    head = "".join(f'<th scope="col">{number}</th>' for number in numbers)
    rows = [f"<tr><th></th>{head}</tr>"]
    for truth in numbers:
        cells = "".join(_cell(confusion, truth, prediction) for prediction in numbers)
        rows.append(f'<tr><th scope="row">{truth}</th>{cells}</tr>')
    return "".join(rows)


def _cell(confusion: np.ndarray, truth: int, prediction: int) -> str:
    """One count, coloured by its share: right ones of their row, wrong ones of the commonest confusion."""
    count = int(confusion[truth, prediction])
    if not count:
        return '<td class="none">0</td>'
    if truth == prediction:
        kind, share = "right", 0.15 + 0.45 * count / confusion[truth].sum()
    else:
        kind, share = "wrong", 0.15 + 0.6 * count / (confusion - np.diag(np.diag(confusion))).max()
    meaning = f"{truth} taken for {prediction}: {count}"
    return f'<td class="{kind}" style="--share: {share:.2f}" title="{meaning}">{count}</td>'


def _classes(evaluation: Evaluation) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in ("class", "precision", "recall", "F1", "examples"))
    rows = "".join(
        f'<tr><th scope="row">{number}</th><td>{row["precision"]:.2%}</td><td>{row["recall"]:.2%}</td>'
        f"<td>{row['f1']:.2%}</td><td>{row['support']:,}</td></tr>"
        for number, row in enumerate(evaluation.per_class())
    )
    return f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"


def _mistake(mistake: Mistake) -> str:
    words = f"{mistake.truth} taken for {mistake.prediction}"
    source = f"data:image/png;base64,{base64.b64encode(png(mistake.image)).decode('ascii')}"
    return f'<li><img src="{source}" alt="{words}"><b>{words}</b><br>{mistake.probability:.2%} sure</li>'


def png(image: np.ndarray) -> bytes:
    """A grey picture uint8 [height, width] as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
