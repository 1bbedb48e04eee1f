"""A picture of test digits with the endpoint's predictions, under a title; mistakes are marked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

COLUMNS, SHOWN, MISTAKES = 16, 96, 32
TITLE = 84
"""The height of the title above the digits, in pixels."""
_SCALE, _MARGIN, _CAPTION = 2, 4, 16
_CELL = 28 * _SCALE + 2 * _MARGIN
_BACKGROUND, _INK, _RIGHT, _WRONG = "white", "#212121", "#2e7d32", "#c62828"


@dataclass(frozen=True)
class Predictions:
    """The answers of a model's version: images uint8 [n, 28, 28], labels and predicted classes int [n]."""

    model: str
    version: int
    images: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray

    @property
    def mistakes(self) -> int:
        return int(np.count_nonzero(self.predicted != self.labels))

    @property
    def accuracy(self) -> float:
        return 1 - self.mistakes / len(self.labels)


def choose(labels: np.ndarray, predicted: np.ndarray) -> list[int]:
    """The first digits of the test set, then the first mistakes beyond them."""
    shown = list(range(min(SHOWN, len(labels))))
    wrong = [int(index) for index in np.flatnonzero(labels != predicted) if index >= len(shown)]
    return shown + wrong[:MISTAKES]


def title(of: Predictions) -> tuple[str, str, str]:
    """The model and version, their accuracy, and how to read the picture."""
    count, shown = len(of.labels), min(SHOWN, len(of.labels))
    further = len(choose(of.labels, of.predicted)) - shown
    more = f", then {further} further mistakes" if further else ""
    return (
        f"{of.model}, version {of.version}",
        f"Accuracy {of.accuracy:.2%}: {count - of.mistakes:,} of {count:,} test digits are right, "
        f"{of.mistakes:,} wrong. Shown: the first {shown}{more}.",
        'Green: the endpoint answered right. Red frame: a mistake; "7, is 2" means that it answered 7 to a 2.',
    )


def draw(of: Predictions) -> Image.Image:
    """Draw the title, and the digits below it, 16 in a row."""
    chosen = choose(of.labels, of.predicted)
    rows = -(-len(chosen) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * _CELL, TITLE + rows * (_CELL + _CAPTION)), _BACKGROUND)
    pen = ImageDraw.Draw(sheet)
    for text, y, size in zip(title(of), (10, 40, 60), (22, 14, 14), strict=True):
        pen.text((2 * _MARGIN, y), text, fill=_INK, font=ImageFont.load_default(size))
    for position, index in enumerate(chosen):
        corner = position % COLUMNS * _CELL, TITLE + position // COLUMNS * (_CELL + _CAPTION)
        digit = Image.fromarray(255 - of.images[index]).resize((28 * _SCALE, 28 * _SCALE))
        sheet.paste(digit, (corner[0] + _MARGIN, corner[1] + _MARGIN))
        _caption(pen, corner, int(of.labels[index]), int(of.predicted[index]))
    return sheet


def write(path: Path, of: Predictions) -> None:
    """Draw the sheet and write it as a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(of).save(path)


def _caption(pen: ImageDraw.ImageDraw, corner: tuple[int, int], label: int, predicted: int) -> None:
    """Write the answer below a digit; frame a mistake."""
    x, y = corner
    right = label == predicted
    if not right:
        pen.rectangle((x + 1, y + 1, x + _CELL - 2, y + _CELL + _CAPTION - 2), outline=_WRONG, width=2)
    text, colour = (f"{predicted}", _RIGHT) if right else (f"{predicted}, is {label}", _WRONG)
    pen.text((x + _CELL / 2, y + _CELL - 2), text, fill=colour, font=ImageFont.load_default(12), anchor="ma")
