"""The worst mistakes as pictures or texts: the wrong predictions of highest probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from pages.markup import Markup, join, note, percent
from pages.page import Section
from training.common.report.pictures import source

TITLE = "Worst mistakes"
SHOWN = 24


@dataclass(frozen=True)
class Mistake:
    """A wrong prediction: picture uint8 [height, width] or text, truth, prediction, probability."""

    example: np.ndarray | str
    truth: str
    prediction: str
    probability: float


def worst(truths: np.ndarray, predictions: np.ndarray, probabilities: np.ndarray, most: int = SHOWN) -> np.ndarray:
    """Positions of the wrong predictions, the most probable first; probabilities are float [n]."""
    wrong = np.flatnonzero(truths != predictions)
    return wrong[np.argsort(-probabilities[wrong], kind="stable")][:most]


def section(mistakes: Sequence[Mistake], wrong: int, examples: int) -> Section:
    """The section of the shown mistakes, out of `wrong` ones among all examples."""
    if not wrong:
        return Section(TITLE, note(f"There are none: all {examples:,} examples are right."))
    said = f"{wrong:,} of {examples:,} examples are wrong. Shown, the surest first: {len(mistakes)}."
    if isinstance(mistakes[0].example, str):
        return Section(TITLE, join(note(said), Markup(f'<ul class="texts">{"".join(map(_text, mistakes))}</ul>')))
    return Section(TITLE, join(note(said), Markup(f'<ul class="pictures">{"".join(map(_picture, mistakes))}</ul>')))


def _words(mistake: Mistake) -> str:
    return escape(f"{mistake.truth} taken for {mistake.prediction}")


def _picture(mistake: Mistake) -> Markup:
    words = _words(mistake)
    image = f'<img src="{source(np.asarray(mistake.example))}" alt="A picture of {words}">'
    return Markup(f"<li>{image}<b>{words}</b>{percent(mistake.probability)} sure</li>")


def _text(mistake: Mistake) -> Markup:
    quote = f"<blockquote>{escape(str(mistake.example))}</blockquote>"
    return Markup(f"<li>{quote}<span>{_words(mistake)}, {percent(mistake.probability)} sure</span></li>")
