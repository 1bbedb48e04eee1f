"""The sheet shows the first digits and the mistakes, and marks what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageFont

from demo import contact_sheet
from demo.contact_sheet import Predictions

WRONG = (0xC6, 0x28, 0x28)


def digits(count: int, wrong: list[int]) -> Predictions:
    labels = np.arange(count, dtype=np.uint8) % 10
    predicted = labels.astype(int)
    predicted[wrong] = (predicted[wrong] + 1) % 10
    return Predictions("digits-cnn", 3, np.zeros((count, 28, 28), np.uint8), labels, predicted)


def has_mark(sheet: Image.Image, position: int) -> bool:
    width, height = sheet.width // contact_sheet.COLUMNS, 28 * 2 + 8 + 16
    x, y = position % contact_sheet.COLUMNS * width, contact_sheet.TITLE + position // contact_sheet.COLUMNS * height
    return sheet.getpixel((x + 1, y + height // 2)) == WRONG


def test_the_first_digits_come_first_then_the_mistakes_beyond_them() -> None:
    of = digits(500, [3, 200, 499])
    assert contact_sheet.choose(of.labels, of.predicted) == [*range(96), 200, 499]


def test_no_more_than_so_many_mistakes() -> None:
    of = digits(500, list(range(100, 400)))
    assert len(contact_sheet.choose(of.labels, of.predicted)) == contact_sheet.SHOWN + contact_sheet.MISTAKES


def test_mistakes_and_only_mistakes_are_marked(tmp_path: Path) -> None:
    path = tmp_path / "build" / "sheet.png"
    contact_sheet.write(path, digits(120, [3, 110]))
    sheet = Image.open(path)
    assert [position for position in range(97) if has_mark(sheet, position)] == [3, 96]


def test_fewer_digits_than_a_sheet_holds() -> None:
    sheet = contact_sheet.draw(digits(5, []))
    assert sheet.height < contact_sheet.TITLE + 100


def test_the_title_says_whose_answers_these_are_and_how_to_read_them() -> None:
    whose, how_good, reading = contact_sheet.title(digits(2000, [3, 200, 499]))
    assert whose == "digits-cnn, version 3"
    assert how_good == (
        "Accuracy 99.85%: 1,997 of 2,000 test digits are right, 3 wrong. Shown: the first 96, then 2 further mistakes."
    )
    assert "Red frame: a mistake" in reading


def test_the_longest_title_fits_the_sheet() -> None:
    of = digits(1_000_000, list(range(0, 1_000_000, 3)))
    for text, size in zip(contact_sheet.title(of), (22, 14, 14), strict=True):
        assert ImageFont.load_default(size).getlength(text) < contact_sheet.COLUMNS * 64 - 16
