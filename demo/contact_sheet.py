"""A picture of test digits with the endpoint's predictions; mistakes are marked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

COLUMNS, SHOWN, MISTAKES = 16, 96, 32
_SCALE, _MARGIN, _CAPTION = 2, 4, 16
_CELL = 28 * _SCALE + 2 * _MARGIN
_BACKGROUND, _RIGHT, _WRONG = "white", "#2e7d32", "#c62828"


def choose(labels: np.ndarray, predicted: np.ndarray) -> list[int]:
    """The first digits of the test set, then the first mistakes beyond them."""
    shown = list(range(min(SHOWN, len(labels))))
    wrong = [int(index) for index in np.flatnonzero(labels != predicted) if index >= len(shown)]
    return shown + wrong[:MISTAKES]


def draw(images: np.ndarray, labels: np.ndarray, predicted: np.ndarray) -> Image.Image:
    """Draw images uint8 [n, 28, 28], 16 in a row, with predictions; "7, is 2" is a mistake."""
    chosen = choose(labels, predicted)
    rows = -(-len(chosen) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * _CELL, rows * (_CELL + _CAPTION)), _BACKGROUND)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for position, index in enumerate(chosen):
        x, y = position % COLUMNS * _CELL, position // COLUMNS * (_CELL + _CAPTION)
        digit = Image.fromarray(255 - images[index]).resize((28 * _SCALE, 28 * _SCALE))
        sheet.paste(digit, (x + _MARGIN, y + _MARGIN))
        right = labels[index] == predicted[index]
        if not right:
            pen.rectangle((x + 1, y + 1, x + _CELL - 2, y + _CELL + _CAPTION - 2), outline=_WRONG, width=2)
        caption = str(predicted[index]) if right else f"{predicted[index]}, is {labels[index]}"
        colour = _RIGHT if right else _WRONG
        pen.text((x + _CELL / 2, y + _CELL - 2), caption, fill=colour, font=font, anchor="ma")
    return sheet


def write(path: Path, images: np.ndarray, labels: np.ndarray, predicted: np.ndarray) -> None:
    """Draw the sheet and write it as a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(images, labels, predicted).save(path)
